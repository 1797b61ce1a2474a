"""The words of the page, in both languages."""

from __future__ import annotations

from countermark.inventory.reconciliation import Weight
from countermark.inventory.usage import Kind, Route, State
from countermark.model import Words

STATES = {
    State.EFFECTIVE: Words(en="Effective", zh="生效"),
    State.UNRESOLVED: Words(en="Unresolved", zh="无法确定"),
    State.FALLBACK: Words(en="Fallback", zh="后备"),
    State.OFF: Words(en="Off", zh="已关闭"),
    State.OFFLINE: Words(en="Offline", zh="离线"),
    State.CI: Words(en="CI", zh="仅流水线"),
    State.TEST: Words(en="Test", zh="仅测试"),
    State.CATALOGUE: Words(en="Catalogue", zh="仅可选"),
    State.STALE: Words(en="Stale", zh="残留"),
    State.DOCUMENTED: Words(en="Documented", zh="仅文档"),
}
MEANINGS = {
    State.EFFECTIVE: Words(
        en="Answers users when the deployment starts as its files stand.",
        zh="按现有文件启动部署时，由其应答用户。",
    ),
    State.UNRESOLVED: Words(
        en="A model is called, and the files do not say which. Never clean.",
        zh="有模型被调用，但文件没有说明是哪一个。不能视为合格。",
    ),
    State.FALLBACK: Words(
        en="Answers only where another fails or is not set.", zh="仅在其他模型失败或未设置时应答。"
    ),
    State.OFF: Words(
        en="Switched off: a flag, a comment, no replica, a profile not chosen.",
        zh="已关闭：开关、注释、零副本或未选用的配置档。",
    ),
    State.OFFLINE: Words(
        en="Training, evaluation, batch work, notebooks: answers no user.",
        zh="训练、评测、批处理、笔记本：不应答用户。",
    ),
    State.CI: Words(en="Only in the pipeline that builds and tests.", zh="仅出现在构建与测试流水线中。"),
    State.TEST: Words(en="Only in tests.", zh="仅出现在测试中。"),
    State.CATALOGUE: Words(
        en="One of those that the product supports: choices, price lists.",
        zh="产品支持的模型之一：选项、价目表。",
    ),
    State.STALE: Words(en="Nothing reaches it any more.", zh="已无任何代码使用。"),
    State.DOCUMENTED: Words(en="Only written about.", zh="仅在文字中提到。"),
}
ROUTES = {
    Route.DIRECT: Words(en="direct", zh="直连"),
    Route.RELAY: Words(en="relay", zh="中转"),
    Route.SELF_HOSTED: Words(en="self-hosted", zh="自托管"),
    Route.UNKNOWN: Words(en="route unknown", zh="路径不明"),
}
KINDS = {
    Kind.CHAT: Words(en="chat", zh="对话"),
    Kind.EMBEDDING: Words(en="embedding", zh="向量"),
    Kind.RERANK: Words(en="rerank", zh="重排"),
    Kind.IMAGE: Words(en="image", zh="图像生成"),
    Kind.VIDEO: Words(en="video", zh="视频生成"),
    Kind.SPEECH: Words(en="speech", zh="语音"),
    Kind.OCR: Words(en="OCR", zh="文字识别"),
    Kind.MODERATION: Words(en="moderation", zh="内容审核"),
    Kind.VISION: Words(en="vision", zh="视觉理解"),
    Kind.UNKNOWN: Words(en="", zh=""),
}
WEIGHTS = {
    Weight.WRONG: Words(en="to act on", zh="需要处理"),
    Weight.OPEN: Words(en="to find out", zh="需要查明"),
    Weight.FINE: Words(en="in order", zh="正常"),
}
SIGNS = {Weight.WRONG: "✗", Weight.OPEN: "?", Weight.FINE: "✓"}
SAY = {
    "title": Words(en="AI in use", zh="在用的人工智能"),
    "graph": Words(en="From service to filing", zh="从服务到备案"),
    "graph_plain": Words(en="From service to provider", zh="从服务到提供者"),
    "service": Words(en="Service", zh="服务"),
    "model": Words(en="Model", zh="模型"),
    "host": Words(en="Host", zh="主机"),
    "provider": Words(en="Provider", zh="提供者"),
    "filing": Words(en="Filing", zh="备案／登记"),
    "kind": Words(en="Kind", zh="类型"),
    "where": Words(en="Where", zh="位置"),
    "files": Words(en="files", zh="文件"),
    "no_host": Words(en="host not known", zh="主机不明"),
    "no_provider": Words(en="provider not known", zh="提供者不明"),
    "own": Words(en="this deployment", zh="本部署"),
    "no_filing": Words(en="no filing covers it", zh="没有对应的备案"),
    "open_filing": Words(en="cannot be told", zh="无法判断"),
    "inside": Words(en="inside only", zh="仅内部使用"),
    "models": Words(en="models", zh="个模型"),
    "legend_fallback": Words(en="only where another fails", zh="仅在其他失败时"),
    "legend_unresolved": Words(en="not known which", zh="不知是哪一个"),
    "legend_effective": Words(en="answers users", zh="应答用户"),
    "rest": Words(en="Not in the graph, for nothing of it answers users", zh="未列入图中，因为不应答用户"),
    "positions": Words(en="How it stands to what is filed", zh="与备案登记的对照"),
    "next": Words(en="Next step", zh="下一步"),
    "due": Words(en="by", zh="期限"),
    "not_before": Words(en="not before", zh="不早于"),
    "conflicts": Words(en="Names that lie", zh="名实不符"),
    "conflict_note": Words(en="The value decides.", zh="以实际值为准。"),
    "is": Words(en="is", zh="实为"),
    "libraries": Words(en="Libraries for AI", zh="人工智能软件库"),
    "unread": Words(en="What was not read", zh="未读取的内容"),
    "all_read": Words(
        en="Everything that was found was read to its end.", zh="找到的内容均已完整读取。"
    ),
    "read": Words(en="files read", zh="个文件已读"),
    "of": Words(en="of", zh="／"),
    "more": Words(en="more: the JSON has all of them", zh="项未列出：JSON 中有全部内容"),
    "requests": Words(en="requests", zh="次请求"),
    "why": Words(en="why", zh="依据"),
    "nothing": Words(
        en="No use of a model was found in what was read.", zh="在已读取的内容中没有发现模型的使用。"
    ),
    "limits": Words(
        en="Says what the files, images, logs and machines that were read say. It cannot see which model a "
        "database, a user or a remote configuration chooses, nor what a relay really calls.",
        zh="本页只反映所读取的文件、镜像、日志与机器；数据库、用户或远程配置选择的模型，"
        "以及中转方实际调用的模型，均无法看到。",
    ),
}  # fmt: skip
