"""The categories of the rooms: 61 kinds of things from the ScanNet200 label list.

They are spread over its head, common and tail groups; each can be told from the others by its
shape at 256 pixels. Sizes are those of real things.
"""

from openseg.mini.rooms.vocabulary import Category

HEAD: tuple[Category, ...] = (
    Category("chair", "chairs", 2, "head", ("seat", "back", "legs"), ("sit",), ("floor",),
             (0.7, 1.0), True, ("seat",), ("seat", "legs")),
    Category("table", "tables", 4, "head", ("top", "legs"), ("put_on",), ("floor",),
             (0.8, 1.6), False, ("top",), ("legs",)),
    Category("door", "doors", 5, "head", ("panel", "frame", "handle"), ("enter",), ("wall",),
             (1.9, 2.15), True, (), ("frame",)),
    Category("couch", "couches", 6, "head", ("seat", "back", "arms", "feet"), ("sit",), ("floor",),
             (1.4, 2.1), True, ("seat",), ("seat",)),
    Category("cabinet", "cabinets", 7, "head", ("body", "doors", "handles"), ("store",),
             ("floor",), (0.8, 1.4), True, ("top",), ("doors",)),
    Category("shelf", "shelves", 8, "head", ("board", "brackets"), ("put_on",), ("wall",),
             (0.6, 1.2), True, ("shelf",), ("brackets",)),
    Category("desk", "desks", 9, "head", ("top", "legs", "drawers"), ("work_at", "put_on"),
             ("floor",), (1.0, 1.6), True, ("top",), ("drawers",)),
    Category("office chair", "office chairs", 10, "head", ("seat", "back", "base", "wheels"),
             ("sit",), ("floor",), (0.85, 1.15), True, (), ("back",)),
    Category("bed", "beds", 11, "head", ("mattress", "headboard", "frame", "legs"), ("sleep",),
             ("floor",), (1.6, 2.1), True, ("seat",), ("headboard",)),
    Category("pillow", "pillows", 13, "head", ("cover", "trim"), ("rest_head",), ("seat",),
             (0.35, 0.6), False, (), ("trim",)),
    Category("picture", "pictures", 15, "head", ("frame", "canvas"), ("decorate",), ("wall",),
             (0.35, 0.9), True),
    Category("window", "windows", 16, "head", ("frame", "glass", "sill"), ("see_out",), ("wall",),
             (0.9, 1.5), True, (), ("sill",)),
    Category("bookshelf", "bookshelves", 18, "head", ("boards", "sides", "back"), ("keep_books",),
             ("floor",), (1.2, 1.9), True, ("shelf",), ("back",)),
    Category("monitor", "monitors", 19, "head", ("screen", "frame", "stand"), ("watch",),
             ("top",), (0.4, 0.65), True, (), ("stand",)),
    Category("book", "books", 22, "head", ("cover", "pages"), ("read",),
             ("top", "seat", "shelf"), (0.18, 0.34)),
    Category("armchair", "armchairs", 23, "head", ("seat", "back", "arms", "feet"), ("sit",),
             ("floor",), (0.75, 1.05), True, ("seat",), ("seat",)),
    Category("box", "boxes", 26, "head", ("body", "flaps"), ("store",), ("floor", "top"),
             (0.28, 0.6), False, (), ("flaps",)),
    Category("refrigerator", "refrigerators", 27, "head", ("body", "doors", "handles"),
             ("cool_food",), ("floor",), (1.3, 1.9), True, (), ("doors",)),
    Category("lamp", "lamps", 28, "head", ("shade", "pole", "base"), ("light",),
             ("floor", "top"), (0.35, 1.6), False, (), ("base",)),
    Category("nightstand", "nightstands", 34, "head", ("body", "drawer", "legs"),
             ("store", "put_on"), ("floor",), (0.42, 0.65), True, ("top",), ("drawer",)),
    Category("dresser", "dressers", 36, "head", ("body", "drawers", "handles"), ("store",),
             ("floor",), (0.9, 1.4), True, ("top",), ("drawers",)),
    Category("stool", "stools", 38, "head", ("seat", "legs"), ("sit",), ("floor",),
             (0.42, 0.75), False, (), ("legs",)),
    Category("backpack", "backpacks", 48, "head", ("body", "pocket", "straps"),
             ("carry", "travel"), ("floor", "seat"), (0.36, 0.55), True, (), ("pocket",)),
    Category("whiteboard", "whiteboards", 52, "head", ("board", "frame", "tray"), ("write_on",),
             ("wall",), (0.9, 1.7), True, (), ("tray",)),
    Category("trash can", "trash cans", 56, "head", ("body", "lid", "pedal"), ("waste",),
             ("floor",), (0.32, 0.65), True, (), ("lid",)),
    Category("mirror", "mirrors", 71, "head", ("frame", "glass"), ("see_self",), ("wall",),
             (0.5, 1.3), True),
    Category("radiator", "radiators", 96, "head", ("ribs", "pipe", "knob"), ("warm",), ("wall",),
             (0.6, 1.2), True, (), ("knob",)),
)  # fmt: skip
"""Categories of ScanNet200's head group."""

COMMON: tuple[Category, ...] = (
    Category("keyboard", "keyboards", 46, "common", ("body", "keys"), ("type",), ("top",),
             (0.3, 0.48), True, (), ("keys",)),
    Category("microwave", "microwaves", 59, "common", ("body", "door", "buttons", "handle"),
             ("cook",), ("top",), (0.42, 0.6), True, (), ("door",)),
    Category("bottle", "bottles", 65, "common", ("body", "neck", "cap"), ("drink",),
             ("top", "shelf"), (0.18, 0.36), False, (), ("cap",)),
    Category("bench", "benches", 68, "common", ("seat", "legs"), ("sit",), ("floor",),
             (0.9, 1.5), False, (), ("legs",)),
    Category("basket", "baskets", 73, "common", ("body", "rim", "handle"), ("carry", "store"),
             ("floor", "top"), (0.28, 0.5), False, (), ("rim",)),
    Category("fan", "fans", 76, "common", ("blades", "cage", "pole", "base"), ("air",),
             ("floor", "top"), (0.35, 1.2), True, (), ("blades",)),
    Category("laptop", "laptops", 77, "common", ("screen", "lid", "body", "keys"),
             ("type", "watch"), ("top",), (0.3, 0.42), True, (), ("keys",)),
    Category("suitcase", "suitcases", 93, "common", ("body", "handle", "wheels", "straps"),
             ("travel", "carry"), ("floor",), (0.5, 0.85), True, (), ("straps",)),
    Category("ladder", "ladders", 122, "common", ("rails", "steps", "top"), ("climb",),
             ("floor",), (0.9, 1.7), True, (), ("steps",)),
    Category("potted plant", "potted plants", 1189, "common", ("leaves", "stem", "pot"),
             ("water", "decorate"), ("floor", "top", "shelf"), (0.25, 1.0)),
)  # fmt: skip
"""Categories of ScanNet200's common group."""

TAIL: tuple[Category, ...] = (
    Category("plate", "plates", 88, "tail", ("rim", "middle"), ("eat",), ("top",),
             (0.18, 0.32), False, (), ("middle",)),
    Category("bucket", "buckets", 102, "tail", ("body", "rim", "handle"), ("carry",), ("floor",),
             (0.25, 0.45), False, (), ("rim", "handle")),
    Category("clock", "clocks", 103, "tail", ("case", "dial", "hands"), ("time",),
             ("wall",), (0.25, 0.5), True),
    Category("guitar", "guitars", 112, "tail", ("body", "neck", "head", "strings"), ("music",),
             ("floor",), (0.85, 1.1), True, (), ("neck",)),
    Category("speaker", "speakers", 118, "tail", ("case", "cones"), ("listen",),
             ("top", "floor", "shelf"), (0.24, 0.6), True, (), ("cones",)),
    Category("cup", "cups", 130, "tail", ("body", "handle"), ("drink",), ("top", "shelf"),
             (0.09, 0.16), False, (), ("handle",)),
    Category("toaster", "toasters", 148, "tail", ("body", "slots", "lever"), ("cook",), ("top",),
             (0.26, 0.4), True, (), ("lever",)),
    Category("fire extinguisher", "fire extinguishers", 166, "tail",
             ("tank", "nozzle", "hose", "label"), ("put_out",), ("floor",), (0.42, 0.65), True,
             (), ("label",)),
    Category("ball", "balls", 168, "tail", ("body", "stripe"), ("play",), ("floor", "top"),
             (0.15, 0.45), False, (), ("stripe",)),
    Category("hat", "hats", 169, "tail", ("crown", "brim", "band"), ("wear",),
             ("top", "seat"), (0.26, 0.42), False, (), ("band",)),
    Category("tray", "trays", 185, "tail", ("base", "rim", "handles"), ("serve",), ("top",),
             (0.35, 0.52), False, ("top",), ("handles",)),
    Category("mouse", "mice", 202, "tail", ("body", "buttons", "wheel"), ("point",), ("top",),
             (0.1, 0.15), True, (), ("wheel",)),
    Category("tissue box", "tissue boxes", 230, "tail", ("box", "tissue"), ("wipe",),
             ("top", "shelf"), (0.17, 0.28)),
    Category("light switch", "light switches", 232, "tail", ("plate", "rocker"), ("switch",),
             ("wall",), (0.12, 0.2), True, (), ("rocker",)),
    Category("crate", "crates", 233, "tail", ("slats", "posts", "bottom"), ("carry", "store"),
             ("floor",), (0.35, 0.6), False, (), ("posts",)),
    Category("sign", "signs", 261, "tail", ("board", "symbol"), ("instruct",), ("wall",),
             (0.25, 0.5), True),
    Category("candle", "candles", 286, "tail", ("wax", "wick", "holder"), ("light",),
             ("top", "shelf"), (0.12, 0.26), False, (), ("holder",)),
    Category("stuffed animal", "stuffed animals", 304, "tail",
             ("head", "body", "ears", "arms", "legs"), ("play",), ("seat", "floor", "top"),
             (0.24, 0.5), True, (), ("ears",)),
    Category("headphones", "headphones", 312, "tail", ("band", "cups"), ("listen",), ("top",),
             (0.17, 0.26), True, (), ("cups",)),
    Category("broom", "brooms", 325, "tail", ("stick", "bristles"), ("clean",), ("floor",),
             (1.0, 1.4), True, (), ("bristles",)),
    Category("water pitcher", "water pitchers", 488, "tail", ("body", "handle", "spout"),
             ("pour",), ("top",), (0.2, 0.34), False, (), ("handle",)),
    Category("bowl", "bowls", 562, "tail", ("body", "foot"), ("eat",), ("top", "shelf"),
             (0.14, 0.32), False, (), ("foot",)),
    Category("dumbbell", "dumbbells", 1170, "tail", ("weights", "bar"), ("exercise",),
             ("floor",), (0.28, 0.48), False, (), ("bar",)),
    Category("calendar", "calendars", 1187, "tail", ("sheet", "header", "grid"), ("date",),
             ("wall",), (0.3, 0.6), True),
)  # fmt: skip
"""Categories of ScanNet200's tail group."""

CATEGORIES: tuple[Category, ...] = tuple(
    sorted((*HEAD, *COMMON, *TAIL), key=lambda c: c.scannet200_id)
)
"""All categories in the order of their ScanNet200 ids."""

_BY_NAME = {category.name: category for category in CATEGORIES}


def category(name: str) -> Category:
    """Looks a category up by name.

    Raises:
        KeyError: If the rooms have no such category.
    """
    return _BY_NAME[name]
