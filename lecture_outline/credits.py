"""What speech recognition invents where nobody speaks: the last lines of the subtitle files that it was trained on.

Written without punctuation and in lower case. The names of subtitlers are said by nobody; a farewell is said by a
lecturer now and then, so whoever finds one must know more before it is set aside.
"""

from __future__ import annotations

import re

CREDIT = "a subtitle credit that speech recognition invents in silence"

_BETWEEN_WORDS = re.compile(r"[\W_]+")

_FAREWELLS = (
    r"(?:thanks|thank you)(?: so much| very much)? for watching(?: (?:this|the|my) video)?",
    r"(?:please |don t forget to )?(?:like and )?subscribe(?: to (?:my|our|the) channel)?",
    r"dě(?:kuji|kujeme|kuju) za (?:sledování|zhlédnutí)",
    r"ďak(?:ujem|ujeme) za (?:sledovanie|pozretie)",
    r"dzięk(?:uję|ujemy)(?: bardzo)? za (?:oglądanie|obejrzenie)(?: filmu)?",
    r"(?:vielen )?dank(?:e)? fürs zuschauen(?: bis zum nächsten mal)?",
    r"merci d avoir regardé(?: cette vidéo)?",
    r"(?:muchas )?gracias por ver(?: el v[ií]deo)?|suscríbete(?: al canal)?",
    r"obrigad[oa] por (?:assistir|ver)(?: o vídeo)?|(?:se )?inscreva se no canal",
    r"grazie per (?:aver guardato|la visione)(?: (?:il|questo) video)?",
    r"bedankt voor het kijken",
    r"(?:спасибо|дякую|дякуємо) за (?:просмотр|перегляд)|продолжение следует",
    r"hvala što pratite(?: kanal)?",
    r"izlediğiniz için teşekkür(?:ler| ederim| ederiz)",
    r"ご視聴(?:いただき)?ありがとうございました|チャンネル登録(?:を)?(?:お願いします|よろしくお願いします)",
    r"(?:谢谢|謝謝)(?:观看|觀看)|시청해\s?주셔서\s?감사합니다",
)

_SIGNATURES = (
    r"titulky vytvořil \w+|titulky vytvoril \w+|www hradeckesluzby cz",
    r"napisy stworzone przez społeczność amara org|(?:zdjęcia i )?napisy \w+ \w+ amara org",
    r"(?:subtitles|captions|transcription) by (?:the amara org community|castingwords)|subtitles made by \w+",
    r"untertitel(?:ung)? (?:der amara org community|von stephanie geiges|des zdf(?: für funk)?(?: \d{4})?)",
    r"untertitel im auftrag des zdf(?: für funk)?(?: \d{4})?|swr \d{4}|copyright wdr \d{4}",
    r"sous titres réalisés (?:par|para) la communauté d amara org|sous titrage (?:société radio canada|st 501)",
    r"subtítulos (?:realizados )?por la comunidad de amara org|legendas pela comunidade (?:das? )?amara org",
    r"sottotitoli creati dalla comunità amara org|sottotitoli e revisione a cura di qtss",
    r"ondertitels ingediend door de amara org gemeenschap|tv gelderland \d{4}",
    r"субтитры (?:сделал|создавал|делал) dimatorzok|редактор субтитров а сем[её]?кин корректор а егорова",
    r"altyazı m k|undertexter från amara org gemenskapen|teksting av nicolai winther|scandinavian text service \d{4}",
    r"字幕由 ?amara org ?社区提供|字幕 ?by ?\w+|请不吝点赞 订阅 转发 打赏支持明镜与点点栏目|mbc 뉴스 \w+입니다",
)

_FAREWELL = re.compile("|".join(_FAREWELLS))
_CREDITS = re.compile(rf"(?:(?:{'|'.join((*_SIGNATURES, *_FAREWELLS))})(?: |$))+")


def plain(text: str) -> str:
    """The words alone, in lower case: what is invented differs in its punctuation."""
    return _BETWEEN_WORDS.sub(" ", text.casefold()).strip()


def is_farewell(said: str) -> bool:
    """Whether plain text is one farewell and nothing else."""
    return _FAREWELL.fullmatch(said) is not None


def is_credit(said: str) -> bool:
    """Whether plain text is nothing but names of subtitlers and farewells."""
    return _CREDITS.fullmatch(said) is not None
