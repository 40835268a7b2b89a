"""Writes the box room in every layout a scene can have."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import PIL.Image
import torch
from scipy.spatial.transform import Rotation

from openseg.io.scenes.ply import Mesh, write_ply
from openseg.types import PointCloud
from tests.scenes import texture

OPENGL = np.diag([1.0, -1.0, -1.0, 1.0])


def write_color(path, color):
    path.parent.mkdir(parents=True, exist_ok=True)
    PIL.Image.fromarray(color).save(path, quality=95)


def write_depth(path, depth, scale):
    path.parent.mkdir(parents=True, exist_ok=True)
    PIL.Image.fromarray(np.round(depth * scale).astype(np.uint16)).save(path)


def write_matrix(path, matrix):
    path.parent.mkdir(parents=True, exist_ok=True)
    np.savetxt(path, matrix, fmt="%.9f")


def write_cloud(path, points):
    positions = torch.tensor(points, dtype=torch.float32).reshape(-1, 3)
    colors = torch.from_numpy(texture(points)).reshape(-1, 3)
    write_ply(path, Mesh(PointCloud(positions, colors)))


def scannet(folder: Path, made):
    for i, (pose, depth, color) in enumerate(made.shots()):
        write_color(folder / f"color/{10 * i}.jpg", color)
        write_depth(folder / f"depth/{10 * i}.png", depth, 1000)
        write_matrix(folder / f"pose/{10 * i}.txt", pose)
    four = np.eye(4)
    four[:3, :3] = made.k
    write_matrix(folder / "intrinsic/intrinsic_color.txt", four)
    write_cloud(folder / f"{folder.name}_vh_clean_2.ply", made.points)
    return folder


def replica(folder: Path, made):
    for i, (_, depth, color) in enumerate(made.shots()):
        write_color(folder / f"results/frame{i:06d}.jpg", color)
        write_depth(folder / f"results/depth{i:06d}.png", depth, 6553.5)
    lines = [" ".join(f"{x:.9e}" for x in pose.reshape(-1)) for pose in made.poses]
    (folder / "traj.txt").write_text("\n".join(lines) + "\n")
    (height, width), k = made.size, made.k
    focal = {"fx": k[0, 0], "fy": k[1, 1], "cx": k[0, 2], "cy": k[1, 2]}
    camera = {"camera": {"w": width, "h": height, **focal, "scale": 6553.5}}
    (folder.parent / "cam_params.json").write_text(json.dumps(camera))
    write_cloud(folder.parent / f"{folder.name}_mesh.ply", made.points)
    return folder


def seven_scenes(folder: Path, made):
    for i, (pose, depth, color) in enumerate(made.shots()):
        stem = folder / "seq-01" / f"frame-{i:06d}"
        write_color(stem.with_suffix(".color.png"), color)
        write_depth(stem.with_suffix(".depth.png"), depth, 1000)
        write_matrix(stem.with_suffix(".pose.txt"), pose)
    write_cloud(folder / "cloud.ply", made.points)
    return folder


def tum(folder: Path, made):
    rgb, depths, truth = (["# a comment"] for _ in range(3))
    for i, (pose, depth, color) in enumerate(made.shots()):
        time = 1305031102.175304 + i / 30
        write_color(folder / f"rgb/{time:.6f}.png", color)
        write_depth(folder / f"depth/{time + 0.004:.6f}.png", depth, 5000)
        rgb.append(f"{time:.6f} rgb/{time:.6f}.png")
        depths.append(f"{time + 0.004:.6f} depth/{time + 0.004:.6f}.png")
        quaternion = Rotation.from_matrix(pose[:3, :3]).as_quat()
        numbers = [f"{x:.9f}" for x in (*pose[:3, 3], *quaternion)]
        # Motion capture is faster than the camera: a wrong pose stands between any two right ones.
        truth.append(f"{time - 0.003:.6f} " + " ".join(numbers))
        truth.append(f"{time + 0.012:.6f} 9 9 9 0 0 0 1")
    for name, lines in (("rgb", rgb), ("depth", depths), ("groundtruth", truth)):
        (folder / f"{name}.txt").write_text("\n".join(lines) + "\n")
    write_cloud(folder / "cloud.ply", made.points)
    return folder


def nerfstudio(folder: Path, made):
    frames = []
    for i, (pose, depth, color) in enumerate(made.shots()):
        write_color(folder / f"images/frame_{i:05d}.png", color)
        write_depth(folder / f"depths/frame_{i:05d}.png", depth, 1000)
        frames.append(
            {
                "file_path": f"images/frame_{i:05d}.png",
                "depth_file_path": f"depths/frame_{i:05d}.png",
                "transform_matrix": (pose @ OPENGL).tolist(),
            }
        )
    (height, width), k = made.size, made.k
    write_cloud(folder / "sparse_pc.ply", made.points)
    camera = {"fl_x": k[0, 0], "fl_y": k[1, 1], "cx": k[0, 2] + 0.5, "cy": k[1, 2] + 0.5}
    whole = {**camera, "w": width, "h": height, "frames": frames, "ply_file_path": "sparse_pc.ply"}
    (folder / "transforms.json").write_text(json.dumps(whole))
    return folder


def arkit(folder: Path, made):
    trajectory = []
    (height, width), k = made.size, made.k
    for i, (pose, depth, color) in enumerate(made.shots()):
        name = f"{folder.name}_{3000.5 + i / 10:.3f}"
        write_color(folder / f"lowres_wide/{name}.png", color)
        write_depth(folder / f"lowres_depth/{name}.png", depth, 1000)
        camera = folder / f"lowres_wide_intrinsics/{folder.name}_{3000.501 + i / 10:.3f}.pincam"
        camera.parent.mkdir(exist_ok=True)
        camera.write_text(f"{width} {height} {k[0, 0]} {k[1, 1]} {k[0, 2]} {k[1, 2]}")
        inverse = np.linalg.inv(pose)
        turn = Rotation.from_matrix(inverse[:3, :3]).as_rotvec()
        numbers = [f"{x:.9f}" for x in (*turn, *inverse[:3, 3])]
        trajectory.append(f"{3000.50048 + i / 10:.6f} " + " ".join(numbers))
    (folder / "lowres_wide.traj").write_text("\n".join(trajectory) + "\n")
    write_cloud(folder / f"{folder.name}_3dod_mesh.ply", made.points)
    return folder


def posed_rgbd(folder: Path, made):
    log = []
    for i, (pose, depth, color) in enumerate(made.shots()):
        write_color(folder / f"photos/color_{i}.png", color)
        write_depth(folder / f"range/depth_{i:04d}.png", depth, 4000)
        log += [f"{i} {i} {i + 1}", *(" ".join(map(repr, map(float, row))) for row in pose)]
    (folder / "trajectory.log").write_text("\n".join(log) + "\n")
    (height, width), k = made.size, made.k
    numbers = {"fx": k[0, 0], "fy": k[1, 1], "cx": k[0, 2], "cy": k[1, 2]}
    camera = ", ".join(f"{name}: {value}" for name, value in numbers.items())
    (folder / "scene.yaml").write_text(
        "color: photos\ndepth: range\ndepth_scale: 4000\nposes: trajectory.log\n"
        f"intrinsics: {{{camera}, width: {width}, height: {height}}}\n"
    )
    write_cloud(folder / "cloud.ply", made.points)
    return folder


WRITERS = {
    "scannet": scannet,
    "replica": replica,
    "7-scenes": seven_scenes,
    "tum": tum,
    "nerfstudio": nerfstudio,
    "arkitscenes": arkit,
    "posed-rgbd": posed_rgbd,
}
