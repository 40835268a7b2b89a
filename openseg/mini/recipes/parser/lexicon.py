"""Words of phrases about photographs, beyond the rooms' own.

None is a category of the rooms, so no pair of words that the rooms hold out can be made of these.
"""

from __future__ import annotations

from zlib import crc32

from openseg.mini.rooms.sentences.saying.nouns import is_plural, plural_part


def _words(text: str) -> tuple[str, ...]:
    return tuple(text.split())


PEOPLE = _words(
    "man woman boy girl person child kid guy lady gentleman player batter catcher skier surfer "
    "rider chef waiter driver officer baby toddler student doctor bride groom passenger "
    "skateboarder referee tourist farmer worker soldier nurse dancer singer cyclist jockey "
    "umpire goalie teacher fisherman spectator mother father grandmother couple cook "
    "snowboarder runner swimmer barber policeman dude mom dad"
)
ANIMALS = _words(
    "dog cat horse cow sheep elephant giraffe zebra bear bird duck goose pigeon monkey rabbit "
    "puppy kitten goat pony calf lamb pig parrot seagull swan owl fish turtle lion tiger bull "
    "deer camel penguin squirrel hen rooster donkey foal cub"
)
VEHICLES = _words(
    "car truck bus van motorcycle bicycle train plane boat ship scooter tractor taxi jeep canoe "
    "carriage wagon helicopter trolley moped ferry kayak ambulance tram sedan"
)
FOOD = _words(
    "pizza sandwich cake donut apple banana orange carrot broccoli burger hotdog salad soup "
    "bread cheese tomato strawberry cookie pancake waffle muffin lemon grape steak egg rice "
    "pasta lettuce onion pepper sushi pastry pie bagel"
)
THINGS = _words(
    "kite surfboard skateboard frisbee racket umbrella balloon phone camera rope flag banner "
    "fence gate tent tree flower bush statue fountain knife fork spoon toothbrush napkin oven "
    "sink toilet fridge bridge tower roof wheelchair stroller snowboard whistle sword "
    "candlestick wallet necklace hydrant pole stump leash saddle paddle oar net hammer saw "
    "drill trophy violin drum piano puzzle cart barrel crane engine trailer tank doll card "
    "envelope newspaper magazine blanket towel"
)
CLOTHES = _words(
    "shirt cap jacket coat dress skirt sweater hoodie vest tie scarf helmet glasses goggles "
    "sunglasses jeans shorts pants gloves boots sneakers sandals uniform apron jersey suit "
    "socks belt watch mittens blouse bikini robe wetsuit bandana"
)
FEATURES = _words(
    "beard mustache ponytail hair tattoo earrings freckles bangs braids dreadlocks horns "
    "antlers wings spots whiskers mane"
)
MARKS = _words("stripes logo pattern dots letters writing number stickers flowers pockets")
PARTS = _words(
    "wheel tail ear leg arm hand head nose foot paw face elbow shoulder wing mouth eye hood "
    "bumper windshield tire seat sail propeller edge tip top crust stem peel rim sleeve collar "
    "button pocket sole lace strap hoof trunk beak fin side front back bottom"
)
PLACES = _words(
    "street grass beach field water snow sidewalk road ground court ramp hill river lake "
    "kitchen park counter platform stage stairs wall track sand ocean sky porch balcony "
    "driveway bathtub pool yard crowd shade sun background foreground"
)
AMOUNTS = _words("slice piece bunch row stack pile bag loaf bit")
MODIFYING = _words(
    "tennis baseball soccer fire stop traffic street birthday school coffee wedding police "
    "beach hockey snow ice kitchen tree fruit garden stone brick leather plastic cotton paper "
    "steel football cowboy winter summer wine apple chocolate"
)
COLOURS = _words(
    "red orange yellow green blue purple pink brown white grey black tan beige silver gold "
    "maroon navy teal violet cream gray blonde turquoise"
)
LOOKS = _words(
    "big large small little tiny huge tall short long thin thick fat skinny old young older "
    "younger new dirty clean wet dry empty full open closed broken shiny dark light bright pale "
    "blurry round square flat curly bald happy sad angry sleepy smiling striped spotted plaid "
    "checkered floral wooden metallic plastic furry fluffy rusty ripe sliced cooked folded "
    "parked sitting standing sleeping running painted visible partial heavy cute pregnant muddy "
    "woolen transparent whole half main single other"
)
MOST = _words(
    "second first third nearest furthest tallest biggest smallest oldest youngest closest "
    "shortest longest darkest brightest last"
)
SIDES = _words("left right top bottom middle center front back end corner")
HOLDING = _words(
    "wearing holding riding carrying eating using pulling pushing throwing catching hitting "
    "kicking feeding petting watching facing touching hugging driving washing cutting reading "
    "drinking swinging chasing following walking crossing brushing flying biting licking "
    "covering showing containing displaying selling wears holds rides carries has eats pulls"
)
BEING = _words(
    "standing lying leaning walking kneeling parked hanging running jumping resting looking "
    "crouching reaching floating flying swimming growing staring pointing riding grazing "
    "sleeping playing waiting mounted attached tied connected covered filled surrounded stacked"
)
WHERE = _words("in on at by with near under over against behind beside toward around into")
ACTING = _words(
    "running jumping smiling sleeping walking standing swimming laughing bending crying dancing "
    "kneeling crouching eating talking skiing surfing squatting waving swinging bowing "
    "stretching yawning drinking skating barking grazing cooking reading turning waiting posing"
)
MANNERS = _words("up down away left right forward sideways together alone outside fast")
PREPOSITIONS = (
    "in", "on", "at", "with", "near", "by", "inside", "outside", "beside", "behind", "under",
    "over", "against", "around", "among", "from", "above", "below", "beneath", "underneath",
    "in front of", "next to", "close to", "across from", "on top of", "to the left of",
    "to the right of", "at the end of", "in the middle of", "in back of", "along", "past",
    "through", "toward", "alongside", "opposite", "left of", "right of",
)  # fmt: skip
USES = (
    "cut bread", "cut wood with", "fly", "swim", "open bottles with", "protect you from rain",
    "ride", "cross the river", "take pictures with", "wash your hands in", "play music on",
    "make a call with", "climb trees", "catch fish with", "tie things together",
    "dry your hands with", "eat", "bake in", "keep warm", "stop the dog from running away",
    "measure time", "hit the ball with", "bark", "travel on water", "carry passengers",
    "put out fires",
)  # fmt: skip

_IRREGULAR = {
    "man": "men", "woman": "women", "child": "children", "person": "people", "goose": "geese",
    "foot": "feet", "sheep": "sheep", "deer": "deer", "fish": "fish", "policeman": "policemen",
    "fisherman": "fishermen", "gentleman": "gentlemen", "calf": "calves", "loaf": "loaves",
    "knife": "knives", "scarf": "scarves",
}  # fmt: skip

_HELD_BACK = 12
"""One word in so many is kept from training."""


def drawn_from(words: tuple[str, ...], new: bool) -> tuple[str, ...]:
    """The words of a list that training sees, or those it does not.

    Args:
        words: A list of this module.
        new: Whether to give the words that are kept from training.
    """
    return tuple(word for word in words if (crc32(word.encode()) % _HELD_BACK == 0) == new)


def plural(word: str) -> str:
    """The plural of a noun."""
    return _IRREGULAR.get(word) or plural_part(word)


def is_many(word: str) -> bool:
    """Whether a noun is a plural."""
    return word in _IRREGULAR.values() or is_plural(word)
