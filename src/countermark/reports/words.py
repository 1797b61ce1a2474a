"""What the reports say around their content, in both languages."""

from __future__ import annotations

from countermark.model import Because, Category, GapCause, Modality, Source, Verdict, Words

CATEGORIES = {
    Category.REGISTRATION: Words(en="Registration", zh="备案与登记"),
    Category.LABELLING: Words(en="Labelling", zh="生成合成内容标识"),
    Category.DATA_INTEGRITY: Words(en="Data integrity", zh="训练数据安全"),
    Category.MODEL_SECURITY: Words(en="Model security", zh="模型安全"),
    Category.IMPERSONATION: Words(en="Impersonation", zh="假冒仿冒"),
    Category.FALSEHOOD: Words(en="False information", zh="虚假信息"),
    Category.VULGARITY_VIOLENCE: Words(en="Vulgarity and violence", zh="低俗与暴力"),
    Category.MINORS: Words(en="Minors", zh="未成年人保护"),
}
QUESTIONS = {
    Category.REGISTRATION: Words(
        en="Is everything that runs filed or registered, and is the number shown?",
        zh="实际运行的模型和算法是否已备案或登记，编号是否已公示？",
    ),
    Category.LABELLING: Words(
        en="Does every generated file carry its labels?", zh="每个生成合成文件是否带有标识？"
    ),
    Category.DATA_INTEGRITY: Words(
        en="Is the data whole, sourced and free of poison?", zh="数据是否完整、来源清楚、未被投毒？"
    ),
    Category.MODEL_SECURITY: Words(
        en="Do the model files and the service withstand a review?",
        zh="模型文件与服务能否通过安全审核？",
    ),
    Category.IMPERSONATION: Words(
        en="Does the service pass for a person?", zh="服务是否冒充真人、账号或机构？"
    ),
    Category.FALSEHOOD: Words(
        en="Does it spread false information; does it cite?",
        zh="是否生成传播虚假信息，是否标注来源？",
    ),
    Category.VULGARITY_VIOLENCE: Words(
        en="Does it produce vulgar or violent material?", zh="是否生成低俗、暴力内容？"
    ),
    Category.MINORS: Words(
        en="Are minors recognised, limited and protected?", zh="是否识别、限制并保护未成年人？"
    ),
}
VERDICTS = {
    Verdict.VIOLATES: Words(en="violated", zh="违反"),
    Verdict.UNDETERMINED: Words(en="undetermined", zh="无法判定"),
    Verdict.CONFORMS: Words(en="no violation found", zh="未发现违规"),
    Verdict.NOT_APPLICABLE: Words(en="not applicable", zh="不适用"),
}
MODALITIES = {
    Modality.SHALL: Words(en="shall", zh="应当"),
    Modality.SHOULD: Words(en="should", zh="宜"),
    Modality.MAY: Words(en="may", zh="可"),
}
SOURCES = {
    Source.QUOTED: Words(en="official text read or quoted", zh="依据官方原文或原文引述"),
    Source.SECONDARY: Words(en="known from secondary sources", zh="依据二手资料"),
    Source.DRAFT: Words(en="taken from a public draft", zh="依据公开征求意见稿"),
    Source.INFERRED: Words(en="inferred", zh="推断"),
    Source.UNCONFIRMED: Words(en="unconfirmed", zh="未经证实"),
}
CAUSES = {
    GapCause.MISSING: Words(en="missing", zh="缺失"),
    GapCause.UNREADABLE: Words(en="unreadable", zh="无法读取"),
    GapCause.MALFORMED: Words(en="malformed", zh="格式错误"),
    GapCause.UNSUPPORTED: Words(en="not supported yet", zh="尚不支持"),
    GapCause.TOO_LARGE: Words(en="too large", zh="过大"),
    GapCause.INTERRUPTED: Words(en="not reached", zh="尚未检查到"),
    GapCause.CRASHED: Words(en="crashed", zh="运行出错"),
}
BECAUSE = {
    Because.NO_DOCUMENT: Words(
        en="a document is asked for: hand it in under `attestations`; `countermark explain ID` says which",
        zh="需要证明文件：请在 `attestations` 中提交；`countermark explain ID` 说明需要哪些",
    ),
    Because.NO_CHECK: Words(en="no automatic check exists yet", zh="还没有自动检查"),
    Because.NOTHING_TO_EXAMINE: Words(
        en="nothing to look at: the target declares nothing of that kind",
        zh="没有可检查的对象：目标没有申报相应内容",
    ),
    Because.NOT_DECLARED: Words(
        en="may or may not bind: say `companion` and `open_to_minors` for each service",
        zh="可能适用：请为每项服务申报 `companion` 和 `open_to_minors`",
    ),
    Because.GAPS: Words(en="the facts could not be had", zh="所需事实无法取得"),
    Because.CRASHED: Words(en="the check crashed", zh="无法判定：检查运行出错"),
    Because.CONCLUDED: Words(
        en="looked at, and the evidence does not decide", zh="已经检查，但证据不足以判定"
    ),
    Because.COMBINED: Words(
        en="answered by other rules, which are not all judged", zh="由其他规则共同判断，其中有的无法判定"
    ),
}
_CHROME = {
    "title": ("Countermark audit", "Countermark 审计报告"),
    "as_of": ("judged as of", "判定日期"),
    "run": ("run", "运行编号"),
    "target": ("target", "审计目标摘要"),
    "violations": ("violations", "违规"),
    "violation": ("violation", "违规"),
    "accepted": ("accepted", "已豁免"),
    "rules": ("rules", "条规则"),
    "rule": ("rule", "条规则"),
    "nothing_found": (
        "No violation found in what was examined.",
        "在已检查的范围内未发现违规。",
    ),
    "nothing_examined": ("Nothing was examined: no conclusion.", "没有检查任何内容：无法得出结论。"),
    "found_one": ("violation found in what was examined", "项违规（在已检查的范围内）"),
    "found": ("violations found in what was examined", "项违规（在已检查的范围内）"),
    "not_examined": ("What was not examined", "未检查的内容"),
    "not_assessed": ("Rules that could not be judged", "无法判定的规则"),
    "gaps": ("Facts that could not be had", "无法取得的事实"),
    "attested": ("attested", "由文件证明"),
    "measured": ("measured", "实测"),
    "evidence": ("Evidence", "证据"),
    "requirement": ("The rule", "规则要求"),
    "remedy": ("How to repair it", "如何整改"),
    "limits": ("What the check cannot see", "检查的局限"),
    "source": ("How sure we are of the text", "依据的可靠程度"),
    "touches": ("touches", "涉及"),
    "coming": ("Coming rules", "即将生效的规则"),
    "coming_note": (
        "Judged as if they were in force today.",
        "按今日已经生效的假设判定。",
    ),
    "ended": ("Closed packs", "已结束的专项"),
    "ended_note": (
        "No longer in force; kept as check-lists.",
        "已不再生效，作为检查清单保留。",
    ),
    "from": ("from", "生效日期"),
    "until": ("until", "结束日期"),
    "notices": ("About the suppressions", "关于豁免"),
    "no_issue": ("No violation found in what was examined.", "在已检查的范围内未发现违规。"),
    "no_look": ("Nothing here was assessed.", "本类没有进行评估。"),
    "explain": ("More", "详情"),
    "coverage": ("What was looked at", "检查范围"),
    "disclaimer": (
        "This report states what was found in what was examined. It is not legal advice.",
        "本报告仅说明在已检查范围内的发现，不构成法律意见，也不涉及未检查的内容。",
    ),
    "where": ("where", "位置"),
    "all_rules": ("All rules", "全部规则"),
    "rulebooks": ("Rulebooks", "规则库"),
    "more": ("more: see the JSON report", "项未列出：见 JSON 报告"),
    "examined": ("examined", "已检查"),
}
CHROME = {name: Words(en=en, zh=zh) for name, (en, zh) in _CHROME.items()}
