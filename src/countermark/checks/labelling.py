"""Labelling: does every generated file say so, in a way that machines read?"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence

from countermark.checks.conclusions import conforms, not_applicable, undetermined, violates
from countermark.checks.facts import entries, number, texts
from countermark.checks.parameters import Parameters
from countermark.model import Evidence, Finding

UNREADABLE = "unreadable-label"


def mark_present(evidence: Sequence[Evidence], parameters: Parameters) -> Iterator[Finding]:
    """A generated file carries one of the machine-readable marks that the rule accepts."""
    accepted = parameters.words("accepted")
    for piece, found in _generated(evidence):
        if found:
            yield found
            continue
        marks = [mark for mark in texts(piece, "marks") if mark != UNREADABLE]
        taken = [mark for mark in marks if mark in accepted]
        if taken:
            yield conforms(piece, f"carries {', '.join(taken)}", f"含有 {'、'.join(taken)}")
        elif marks:
            yield violates(
                piece,
                f"carries {', '.join(marks)}, and the rule asks for {' or '.join(accepted)}",
                f"含有 {'、'.join(marks)}，但规则要求 {' 或 '.join(accepted)}",
            )
        elif UNREADABLE in texts(piece, "marks"):
            yield violates(
                piece,
                "its label cannot be read, and it carries no other mark that it was generated",
                "标识无法读取，也没有其他机器可读的生成合成标识",
            )
        else:
            yield violates(
                piece,
                "carries no machine-readable mark that it was generated",
                "文件元数据中没有任何机器可读的生成合成标识",
            )


def parses(evidence: Sequence[Evidence], parameters: Parameters) -> Iterator[Finding]:
    """Every implicit label in the file parses, with the fields that the rule asks for."""
    required, platform = parameters.words("required"), parameters.words("required_of_platform")
    values = parameters.words("label_values")
    for piece, found in _generated(evidence):
        if found:
            yield found
            continue
        labels = _labels(piece)
        if not labels:
            yield not_applicable(piece, "carries no label that could be parsed", "没有可供解析的标识")
            continue
        wanted = [required if not _by_platform(label, platform) else platform for label in labels]
        problems = [
            p for label, names in zip(labels, wanted, strict=True) for p in _problems(label, names, values)
        ]
        if problems:
            yield violates(
                piece,
                f"its implicit label is defective: {'; '.join(en for en, _ in problems)}",
                f"隐式标识有缺陷：{'；'.join(zh for _, zh in problems)}",
            )
        else:
            yield conforms(piece, "its implicit label parses", "隐式标识可以解析")


def single(evidence: Sequence[Evidence], parameters: Parameters) -> Iterator[Finding]:
    """A file carries no more labels than the rule admits."""
    most = int(parameters.number("most"))
    for piece, found in _generated(evidence):
        if found:
            yield found
            continue
        labels = _labels(piece)
        places = ", ".join(str(label["place"]) for label in labels)
        if len(labels) > most:
            yield violates(
                piece,
                f"carries {len(labels)} labels: {places}",
                f"含有 {len(labels)} 份标识：{places}",
            )
        elif labels:
            yield conforms(piece, f"carries {len(labels)} label", f"含有 {len(labels)} 份标识")
        else:
            yield not_applicable(piece, "carries no label", "没有标识")


def latent_disclosure(evidence: Sequence[Evidence], parameters: Parameters) -> Iterator[Finding]:
    """The file's metadata conveys every element that the rule names."""
    elements = parameters.words("elements")
    for piece, found in _generated(evidence):
        if found:
            yield found
            continue
        provenance = piece.fact["provenance"]
        known = provenance if isinstance(provenance, dict) else {}
        missing = [element for element in elements if not known.get(element)]
        if missing:
            yield violates(
                piece,
                f"its metadata does not convey: {', '.join(missing)}",
                f"元数据没有说明：{'、'.join(missing)}",
            )
        else:
            yield conforms(
                piece,
                f"its metadata conveys {', '.join(elements)}",
                f"元数据说明了 {'、'.join(elements)}",
            )


def codes_well_formed(evidence: Sequence[Evidence], parameters: Parameters) -> Iterator[Finding]:
    """A provider code in a label has the form and the check digit of its guide."""
    for piece in evidence:
        if any("codes" not in label for label in _labels(piece)):
            yield undetermined(
                piece, "this evidence is older than the question", "证据早于本项检查：请重新收集"
            )
            continue
        said = [
            (name, texts_) for label in _labels(piece) for name, texts_ in _mapping(label, "codes").items()
        ]
        wrong = [f"{name}: {text}" for name, texts_ in said for text in texts_]
        if wrong:
            yield violates(piece, "; ".join(wrong), "；".join(wrong))
        elif said:
            yield conforms(piece, "its provider codes are well formed", "服务提供者编码格式正确")
        else:
            yield not_applicable(piece, "names no provider by a code", "没有以编码写明服务提供者")


def integrity_holds(evidence: Sequence[Evidence], parameters: Parameters) -> Iterator[Finding]:
    """What a label claims of its own integrity and of its content holds."""
    broken_, unchecked_ = parameters.text("broken"), parameters.words("unchecked")
    for piece in evidence:
        if "security" not in piece.fact:
            yield undetermined(
                piece, "this evidence is older than the question", "证据早于本项检查：请重新收集"
            )
            continue
        claims = [
            (side, what, dict(claim))
            for side, report in _security(piece).items()
            for what in ("label", "content", "perceptual")
            if isinstance(claim := dict(report).get(what), dict)
        ]
        broken = [
            f"{side}, {what}: {claim['detail']}"
            for side, what, claim in claims
            if claim["verdict"] == broken_
        ]
        open_ = [
            f"{side}, {what}: {claim['detail']}"
            for side, what, claim in claims
            if claim["verdict"] in unchecked_
        ]
        if broken:
            yield violates(piece, f"does not hold: {'; '.join(broken)}", f"声明不成立：{'；'.join(broken)}")
        elif open_:
            yield undetermined(piece, f"was not checked: {'; '.join(open_)}", f"未能核验：{'；'.join(open_)}")
        elif claims:
            yield conforms(piece, "what its label claims holds", "标识所作的完整性声明成立")
        else:
            yield not_applicable(piece, "claims nothing of its integrity", "未作完整性声明")


def explicit_in_image(evidence: Sequence[Evidence], parameters: Parameters) -> Iterator[Finding]:
    """A generated image shows a text prompt at an edge or a corner, large enough and legible."""
    height = parameters.number("least_height_ratio")
    places, contrast = parameters.words("places"), parameters.number("doubtful_contrast")
    for piece, found in _explicit(evidence):
        if found:
            yield found
            continue
        problems = _too_low(piece, height)
        if piece.fact["place"] not in places:
            problems.append(
                ("it stands inside the picture, at no edge or corner", "位于画面内部，不在边或者角")
            )
        yield (_faint(piece, contrast) if not problems else None) or _concluded(piece, problems)


def explicit_in_video(evidence: Sequence[Evidence], parameters: Parameters) -> Iterator[Finding]:
    """A generated video shows a text prompt from its opening on, large and long enough."""
    height, seconds = parameters.number("least_height_ratio"), parameters.number("least_seconds")
    places = parameters.words("places")
    for piece, found in _explicit(evidence):
        if found:
            yield found
            continue
        problems = _too_low(piece, height)
        if piece.fact["place"] not in places:
            problems.append(("it is not shown from the first picture on", "起始画面没有显示"))
        shown = number(piece.fact["shown_s"])
        if shown < seconds:
            problems.append(
                (
                    f"it is shown for {shown:g} s, less than {seconds:g}",
                    f"持续 {shown:g} 秒，少于 {seconds:g} 秒",
                )
            )
        yield _concluded(piece, problems)


def explicit_in_audio(evidence: Sequence[Evidence], parameters: Parameters) -> Iterator[Finding]:
    """A generated recording carries a spoken prompt or the rhythm."""
    for piece, found in _generated(evidence):
        if found:
            yield found
        elif piece.fact["found"]:
            yield _concluded(piece, []) if piece.fact["wording_conforms"] else _wording(piece)
        else:
            yield undetermined(
                piece,
                "no rhythm and none of the known spoken prompts was heard; another voice would be missed: "
                "listen to it",
                "未听到节奏标识或者已知的语音提示；其他人声无法识别：请人工试听",
            )


def explicit_in_text(evidence: Sequence[Evidence], parameters: Parameters) -> Iterator[Finding]:
    """A generated text carries a prompt where the rule asks for one."""
    places = parameters.words("places")
    for piece, found in _explicit(evidence):
        if found:
            yield found
            continue
        elsewhere = piece.fact["place"] not in places
        yield _concluded(piece, [("it stands elsewhere in the text", "位于文本的其他位置")] * elsewhere)


Problems = list[tuple[str, str]]


def _explicit(evidence: Sequence[Evidence]) -> Iterator[tuple[Evidence, Finding | None]]:
    """Each file; with the conclusion where there is nothing to measure."""
    for piece, found in _generated(evidence):
        if found or piece.fact["found"]:
            wrong = not found and not piece.fact["wording_conforms"]
            yield piece, _wording(piece) if wrong else found
        else:
            yield (
                piece,
                violates(
                    piece,
                    "is declared as generated, and no explicit label was found in it",
                    "已申报为生成内容，但未发现显式标识",
                ),
            )


def _wording(piece: Evidence) -> Finding:
    text = piece.fact["text"]
    return violates(
        piece,
        f"its explicit label reads {text!r}: an AI element or a generation element is missing",
        f"显式标识为“{text}”：缺少人工智能要素或者生成合成要素",
    )


def _too_low(piece: Evidence, least: float) -> Problems:
    ratio = piece.fact["height_ratio"]
    if ratio is None or number(ratio) >= least:
        return []
    en = f"its letters are {number(ratio):.1%} of the shortest side high, less than {least:.0%}"
    return [(en, f"文字高度为最短边的 {number(ratio):.1%}，小于 {least:.0%}")]


def _faint(piece: Evidence, doubtful: float) -> Finding | None:
    contrast = piece.fact["contrast"]
    if contrast is None or number(contrast) >= doubtful:
        return None
    return undetermined(
        piece,
        f"its explicit label has a contrast of {number(contrast):.1f}: look whether it can be read",
        f"显式标识的对比度仅为 {number(contrast):.1f}：请人工确认是否清晰可辨",
    )


def _concluded(piece: Evidence, problems: Problems) -> Finding:
    if problems:
        en, zh = "; ".join(en for en, _ in problems), "；".join(zh for _, zh in problems)
        return violates(piece, f"carries an explicit label, but {en}", f"含有显式标识，但{zh}")
    return conforms(piece, "carries an explicit label", "含有显式标识")


def _generated(evidence: Sequence[Evidence]) -> Iterator[tuple[Evidence, Finding | None]]:
    """Each file; with the conclusion already drawn where no model had a part in it."""
    for piece in evidence:
        if piece.fact["generated"]:
            yield piece, None
        else:
            yield piece, not_applicable(piece, "declared as not generated", "已申报为非生成内容")


Label = dict[str, object]


def _labels(piece: Evidence) -> list[Label]:
    return entries(piece, "labels")


def _by_platform(label: Label, platform: tuple[str, ...]) -> bool:
    """Whether a label is a platform's own: nobody is named who generated the content."""
    fields = label["fields"]
    known = fields if isinstance(fields, dict) else {}
    return not known.get("ContentProducer") and all(known.get(name) for name in platform)


def _problems(label: Label, required: tuple[str, ...], values: tuple[str, ...]) -> Iterator[tuple[str, str]]:
    place = label["place"]
    defects = label["defects"]
    for defect in defects if isinstance(defects, list) else []:
        yield f"{place}: {defect}", f"{place}：{defect}"
    fields = label["fields"]
    if not isinstance(fields, dict) or not fields:
        return  # nothing was parsed, and the defects say why
    for name in required:
        if fields.get(name) == "":
            yield f"{place}: {name} is empty", f"{place}：{name} 的值为空"
    value = fields.get("Label")
    if value and value not in values:
        yield f"{place}: Label is {value!r}", f"{place}：Label 的值为 {value!r}"


def _mapping(values: Mapping[str, object], name: str) -> dict[str, list[str]]:
    value = values.get(name)
    return {str(k): [str(i) for i in v] for k, v in value.items()} if isinstance(value, dict) else {}


def _security(piece: Evidence) -> dict[str, dict[str, object]]:
    value = piece.fact["security"]
    return {k: dict(v) for k, v in value.items() if isinstance(v, dict)} if isinstance(value, dict) else {}
