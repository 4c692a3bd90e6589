"""What the small model hears while it learns: sentences of invented lectures in English, Polish and Czech.

Three kinds: sentences made from the patterns below, random runs of words out of them (so that it has to listen instead
of guessing how a sentence goes on), and the sentences of samples/spoken.*.txt, which it must know well.
"""

import hashlib
import random
import re
from pathlib import Path

SAMPLES = Path(__file__).parents[2] / "samples"
HELD_OUT_PERCENT = 10  # of the sentences made from patterns; never heard in training, used to measure

PATTERNS = {
    "en": """
The {thing} is made of {stuff}.
The {thing} of the {thing} is {quality}.
A {quality} {thing} needs a {quality} {thing}.
Today we talk about {things} and {things}.
First we look at {things}, then at {things}.
In {time} people built {things} of {stuff}.
Why does the {thing} {do}?
What goes wrong with the {thing}?
The {people} asked why {things} {do} in the {place}.
If the {thing} {does}, the {thing} {does}.
If you {act} the {thing}, it {does}.
You cannot {act} a {thing} with a {thing}.
Remember, {things} want to be {done}, and {things} want to be {done}.
{stuff} is {quality} in {force}, but {quality} in {force}.
The {people} {act} the {things} in the {place}.
That is the {quality} secret of the {thing}.
Every {thing} {does} when the {thing} {does}.
There are {number} {things} on the {side} side.
The {number} {things} {do} {way}.
The {side} {thing} is {quality}, and the {side} {thing} is {quality}.
So we {act} the {thing} every {span}.
Now we come to the {quality} {thing}.
Before the {thing} is there, the {thing} {does}.
We call that {force}.
But the {thing} is {way} {done} by the {thing}.
Nobody looks at the {thing} of the {thing}.
Thank you, and see you next {span}.
Good morning, let us begin with {things}.
At the end we learn how {things} {do}.
The weight of the {thing} {does} on the {thing}.
The {people} should carry {stuff} to the {place}.
Its {things} are {done} from {stuff} and {stuff}.
A {thing} pushes outwards, and the {thing} pulls back.
Another kind of {thing} has {number} {things}.
Both {things} are held by the {thing}.
Finally, look at the {quality} {thing} in the {place}.
""",
    "pl": """
{rzecz} jest {jaka}.
{rzecz} jest {jaka}, ale {rzecz} jest {jaka}.
Teraz {która} część, czyli {rzecz}.
{kto} wymyślili {co}.
{kto} wzięli {co} od kupców.
Dlaczego {kto} dodali {co}?
Na koniec powiemy, {gdzie} {robi} {rzecz}.
{rzecz} {robi} {gdzie} i nie lubi wilgoci.
Bez {czego} nie byłoby {czego}.
Trzeba było pamiętać, {gdzie} {robi} {rzecz}.
Dziękuję państwu za {co}.
Dzień dobry, zaczynamy wykład o {czym}.
{rzecz} przyszła z {skąd} i była {jaka}.
Każda {rzecz} oznacza {co}.
Do zobaczenia za tydzień {gdzie}.
Pierwsze były {gdzie}, a nie w {czym}.
""",
    "cs": """
{věc} je {jaká}.
{věc} je {jaká}, ale {věc} je {jaká}.
{kdo} {dělá} {kde}.
{kdo} {dělá}, když {kdo} {dělá} {kde}.
A teď povíme, jak {dělá} {kdo}.
Druhé téma je {věc}.
Čím déle {dělá} {kdo}, tím je {věc} dál.
{kde} {dělá} jedna {věc} a tisíce {koho}.
Potom {kdo} přinese {co} z {čeho}.
Teprve {jaká} {věc} {dělá} ven.
Včely staví {co} a čistí {co}.
Děkuji za {co} a na shledanou příště.
Dobrý den, vítám vás na přednášce o {čem}.
{kde} sedí včely a jedí {co}.
Směr ukazuje {co} podle {čeho}.
""",
}

# What may stand in a {slot}, one after the other; _ stands for a space inside.
WORDS = {
    "en": {
        "thing": "bridge arch truss cable tower deck beam stone rope bar load weight keystone pier wire triangle corner"
        " frame crack shape force curve railway train wind river wall hole foot block square road water ground",
        "things": "bridges arches trusses cables towers decks beams stones ropes bars loads legs arms wires triangles"
        " wedges corners cracks shapes forces trains people builders neighbours blocks holes feet rivers",
        "stuff": "steel stone wood iron concrete water plenty_of_stone a_lot_of_steel heavy_blocks thousands_of_wires",
        "quality": "strong long thin short heavy deep old oldest main flat straight quiet small great whole wooden dead"
        " live Roman happy worse left longest",
        "do": "stand fall move hang break bend buckle twist grow fail push pull come_down begin_to_twist fold_flat",
        "does": "stands falls moves hangs breaks bends buckles twists grows pushes pulls opens comes_down spends runs",
        "act": "push pull cut carry build hang squeeze stretch hold use need make move look_after talk_about"
        " pull_apart",
        "done": "stretched squeezed held cut made built called carried set moved",
        "force": "tension compression balance strength a_dead_load a_live_load a_strong_wind",
        "people": "builder builders people neighbours lecturer Roman_builder engineers",
        "place": "middle ground water lecture railway deep_river way morning",
        "time": "the_age_of_the_railway the_morning Roman_times a_hurry the_strong_wind this_week",
        "number": "two three four many thousands_of most all five six",
        "side": "left right first last top other dead live",
        "way": "always never often a_little at_all outwards in_a_hurry at_the_top at_the_foot at_both_ends inside",
        "span": "week year morning lecture train",
    },
    "pl": {
        "rzecz": "litera głoska glina trzcina tabliczka książka świątynia skóra woda historia samogłoska druga_litera",
        "jaka": "pierwsza druga mokra mała droga dużo_tańsza długa nowa stara dobra",
        "która": "pierwsza druga trzecia nowa ostatnia",
        "kto": "kupcy Grecy poeci pisarze ludzie uczniowie królowie",
        "co": "pismo litery znaki alfabet papier samogłoski mokrą_glinę jedną_głoskę historię_pisma uwagę",
        "czego": "papieru druku pergaminu alfabetu pisma wody gliny",
        "czym": "historii_pisma papirusie druku alfabecie kupcach literach wodzie",
        "skąd": "Chin wody Grecji świątyni miasta",
        "gdzie": "nad_wodą w_świątyni na_koniec w_glinie ze_skóry za_tydzień od_kupców dlatego",
        "robi": "rośnie powstaje oznacza pisze jest oddał wciskał robi_się",
    },
    "cs": {
        "věc": "matka včela buňka zima řeč voda cesta dělnice koule larva pozornost",
        "jaká": "mladá stará sladká velká jedna druhá malá dobrá plná",
        "kdo": "včely dělnice matka mladá_včela stará_včela larvy trubci včelař",
        "dělá": "tančí létá žije staví klade čistí sedí najde zavřou ukazuje jedí vzniká se_starají se_ztrácí",
        "kde": "v_úlu v_zimě v_kouli na_květu na_slunci podle_slunce dál ven",
        "koho": "dělnic včel larev trubců buněk",
        "čeho": "květu slunce vosku úlu vody tance medu",
        "čem": "včelách medu zimě vosku řeči_včel",
        "co": "med květ sladkou_vodu buňky plásty larvy vzduch cestu vajíčka pozornost křídla",
    },
}


NAMES = {"Roman", "Grecy"}  # words that can begin a sentence and have a large letter anywhere


def sample_sentences(language: str) -> list[str]:
    """The sentences of the spoken sample, without their speakers."""
    lines = (SAMPLES / f"spoken.{language}.txt").read_text(encoding="utf-8").splitlines()
    return [line.split(": ", 1)[1] for line in lines if line and not line.startswith("#")]


def from_pattern(language: str, chance: random.Random) -> str:
    """One sentence made from a pattern; the first letter is made large."""
    pattern = chance.choice(PATTERNS[language].strip().splitlines())
    sentence = re.sub(
        r"\{(\w+)\}", lambda slot: chance.choice(WORDS[language][slot[1]].split()).replace("_", " "), pattern
    )
    return sentence[0].upper() + sentence[1:]


def is_held_out(sentence: str) -> bool:
    """Whether the sentence is kept for measuring: decided by its text alone, so for ever."""
    return hashlib.sha256(sentence.encode()).digest()[0] < 256 * HELD_OUT_PERCENT / 100


def spliced(sentences: list[str], chance: random.Random) -> str:
    """Random runs of two to four words out of several sentences, as one sentence."""
    words: list[str] = []
    for _ in range(chance.randint(1, 3)):
        sentence = chance.choice(sentences).rstrip(".?").split()
        sentence[0] = sentence[0] if sentence[0] in NAMES else sentence[0].lower()
        first = chance.randrange(max(1, len(sentence) - 1))
        words += sentence[first : first + chance.randint(2, 4)]
    text = " ".join(words)
    text = text.rstrip(",")
    return text[0].upper() + text[1:] + "."


def training_sentences(language: str, count: int, chance: random.Random) -> list[str]:
    """What is spoken for training: a quarter the sample, half from patterns, a quarter spliced."""
    sample = sample_sentences(language)
    made = [sentence for _ in range(count) if not is_held_out(sentence := from_pattern(language, chance))][: count // 2]
    known = [sample[i % len(sample)] for i in range(count // 4)]
    return known + made + [spliced(sample + made, chance) for _ in range(count - len(known) - len(made))]


def unseen_sentences(language: str, count: int, chance: random.Random) -> list[str]:
    """Different sentences for measuring, none of them among those for training."""
    found: dict[str, None] = {}
    while len(found) < count:
        sentence = from_pattern(language, chance)
        if is_held_out(sentence):
            found[sentence] = None
    return list(found)
