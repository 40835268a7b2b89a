"""Phrases as people refer to things in photographs, written and parsed by hand.

They were written before any parser was looked at; none comes from a template. One `word/role/head`
a word, heads counted from 1, 0 for the root.
"""

from __future__ import annotations

from openseg.mini.rooms.sentences.saying.phrase import Phrase

_WRITTEN = """
the/det/2 man/root/0 in/case/6 the/det/6 blue/amod/6 jacket/nmod/2
woman/root/0 on/case/5 the/det/5 far/amod/5 left/nmod/1 holding/case/8 an/det/8 umbrella/nmod/1
second/amod/2 elephant/root/0 from/case/5 the/det/5 left/nmod/2
a/det/2 slice/root/0 of/case/4 pizza/nmod/2 with/case/6 mushrooms/nmod/4
kid/root/0 wearing/case/4 striped/amod/4 pajamas/nmod/1
the/det/2 dog/root/0 that/mark/8 is/fixed/3 sleeping/case/8 on/fixed/5 the/det/8 couch/nmod/2
black/amod/2 suitcase/root/0 next/case/6 to/fixed/3 the/det/6 bed/nmod/2
guy/root/0 with/case/3 glasses/nmod/1
the/det/3 tallest/amod/3 building/root/0
a/det/5 white/amod/5 and/cc/4 brown/conj/2 cow/root/0
the/det/2 boy/nmod/5 's/case/2 left/amod/5 shoe/root/0
horse/root/0 closest/amod/1 to/fixed/2 us/fixed/2
two/num/2 people/root/0 sitting/case/6 at/fixed/3 a/det/6 table/nmod/2
bus/root/0
bottom/amod/2 right/amod/3 donut/root/0
the/det/2 zebra/root/0 drinking/case/4 water/nmod/2
person/root/0 in/case/3 red/nmod/1
a/det/2 chair/root/0 not/neg/6 occupied/case/6 by/fixed/4 anyone/nmod/2
the/det/2 laptop/root/0 with/case/5 a/det/5 sticker/nmod/2 on/case/7 it/nmod/5
something/root/0 to/mark/3 cut/acl/1 paper/fixed/3 with/fixed/3
the/det/2 motorcycle/root/0 parked/case/6 behind/fixed/3 the/det/6 truck/nmod/2
lady/root/0 in/case/4 white/amod/4 shirt/nmod/1 and/cc/7 black/amod/7 pants/conj/4
surfer/root/0 riding/case/5 a/det/5 big/amod/5 wave/nmod/1
the/det/6 smaller/amod/6 of/case/6 the/det/6 two/num/6 giraffes/root/0
the/det/3 wine/compound/3 glass/root/0 on/case/6 the/det/6 right/nmod/3
toddler/root/0 holding/case/5 a/det/5 teddy/compound/5 bear/nmod/1
a/det/2 man/root/0 who/mark/8 is/fixed/3 not/neg/8 wearing/case/8 a/det/8 tie/nmod/2
the/det/2 handle/root/0 of/case/5 the/det/5 mug/nmod/2
cat/root/0 looking/case/5 at/fixed/2 the/det/5 camera/nmod/1
red/amod/2 car/root/0 parked/acl/2
the/det/2 girl/root/0 jumping/acl/2
an/det/4 old/amod/4 wooden/amod/4 barn/root/0
broccoli/root/0 in/case/4 the/det/4 middle/nmod/1
all/det/3 the/det/3 sheep/root/0 in/case/6 the/det/6 field/nmod/3
the/det/2 vehicle/root/0 without/neg/5 a/det/5 roof/nmod/2
the/det/2 train/root/0 on/case/6 the/det/6 left/amod/6 side/nmod/2
player/root/0 swinging/case/4 a/det/4 bat/nmod/1
half/amod/2 eaten/amod/3 sandwich/root/0
the/det/2 mother/root/0 of/case/5 the/det/5 baby/nmod/2
the/det/2 skier/root/0 in/case/7 front/fixed/3 of/fixed/3 the/det/7 others/nmod/2
the/det/2 television/root/0 above/case/5 the/det/5 fireplace/nmod/2
boy/root/0 with/case/4 a/det/4 kite/nmod/1 and/cc/7 a/det/7 dog/conj/4
the/det/2 cake/root/0 with/case/4 candles/nmod/2
the/det/2 bird/root/0 whose/case/4 wings/nmod/2 are/mark/6 spread/amod/4
the/det/3 closest/amod/3 boat/root/0
elderly/amod/2 couple/root/0 walking/case/7 under/fixed/3 a/det/7 yellow/amod/7 umbrella/nmod/2
bike/root/0 leaning/case/6 against/fixed/2 a/det/6 brick/compound/6 wall/nmod/1
the/det/2 woman/nmod/4 's/case/2 handbag/root/0
cup/root/0 of/case/3 coffee/nmod/1 on/case/6 the/det/6 table/nmod/1
the/det/2 person/root/0 with/case/5 curly/amod/5 hair/nmod/2
"""


def _phrase(line: str) -> Phrase:
    words, labels, heads = zip(*(part.split("/") for part in line.split()), strict=True)
    numbers = [int(head) - 1 for head in heads]
    steps = tuple(head - k if head >= 0 else 0 for k, head in enumerate(numbers))
    return Phrase(words, steps, labels, numbers.index(-1))


NATURAL = tuple(_phrase(line) for line in _WRITTEN.strip().splitlines())
