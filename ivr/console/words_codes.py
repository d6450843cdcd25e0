"""Pure: words for the codes that flows, queues and records hold. What is not here is read as it is written, with blanks
for `_`; what a flow calls its intents comes from the flow (`title`)."""

from collections.abc import Mapping

ENGLISH: Mapping[str, str] = {
    "abandoned_in_ivr": "hung up with the bot",
    "abandoned_in_queue": "hung up while waiting",
    "agent_completed": "done by an agent",
    "ani": "number of the caller",
    "asr_error": "misheard",
    "before_need": "before they said why",
    "en": "English",
    "faq_answered": "question answered",
    "nlu_wrong_intent": "taken for something else",
    "no_match": "not understood",
    "nobody_there": "nobody was there",
    "self_service_completed": "done by the bot",
    "silent_line": "the line stayed silent",
    "sip": "telephone line (SIP)",
    "twilio": "telephone line (Twilio)",
    "webrtc": "browser",
    "zh": "Chinese",
}

ENDS: Mapping[str, str] = {
    "self_service_completed": "自助完成",
    "agent_completed": "人工处理完成",
    "abandoned": "放弃",
    "abandoned_in_ivr": "语音导航中挂断",
    "abandoned_in_queue": "排队中放弃",
    "timeout": "超时",
    "timed_out": "等待超时",
    "silent_line": "线路无声",
    "closed_hours": "非营业时间",
    "closed": "已关闭",
    "error": "出错",
    "system_error": "系统错误",
    "transferred_out": "已转出",
    "callback_scheduled": "已约回拨",
    "survey_completed": "调查完成",
    "survey_agreed": "同意参与调查",
    "survey_declined": "拒绝调查",
    "blocked": "已拦截",
    "nobody_there": "无人接听",
    "no_message": "未留言",
    "voicemail_left": "已留言",
    "no_answer_from_caller": "来电者无应答",
}

OUTCOMES: Mapping[str, str] = {
    "answered": "已解答",
    "asked_for_person": "要求人工",
    "balance_told": "已告知余额",
    "branch_found": "已找到网点",
    "callback_inbound": "客户回电",
    "callback_needed": "需要回电",
    "card_frozen": "卡片已冻结",
    "coached": "疑似受人指使",
    "complaint_opened": "已登记投诉",
    "confirmed": "确认为本人",
    "denied": "否认为本人",
    "faq_answered": "已解答问题",
    "fault_solved": "故障已排除",
    "later": "稍后再谈",
    "opted_out": "不再接听此类来电",
    "release_failed": "解除失败",
    "safety_escalated": "安全问题已上报",
    "status_told": "已告知订单状态",
    "unsure": "不确定",
    "visit_booked": "已预约上门",
    "visit_cancelled": "已取消预约",
    "visit_moved": "已改约",
    "wrong_party": "非本人",
    "resolved": "已解决",
    "not_resolved": "未解决",
    "follow_up": "需跟进",
    "callback_promised": "已约回电",
    "handed_on": "已转交",
    "wrong_number": "打错电话",
    "abusive": "辱骂骚扰",
}

QUEUES: Mapping[str, str] = {
    "card_emergency": "卡片紧急",
    "complaints": "投诉",
    "engineer_emergency": "维修紧急",
    "fraud": "反欺诈",
    "general": "综合",
    "sales": "销售",
    "card_services": "卡片业务",
    "complaint": "投诉处理",
}

REASONS: Mapping[str, str] = {
    "system": "系统故障",
    "policy_human_only": "须人工办理",
    "direct_request": "直接要求人工",
    "misrecognized": "未听懂",
    "answer_not_solving": "答案未解决问题",
    "emotion": "情绪激动",
    "effort": "过程太长",
    "unknown": "原因不明",
    "asr_down": "语音识别中断",
    "backend_error": "后台出错",
    "emergency": "紧急情况",
    "fraud_denied": "否认交易",
    "not_public": "不便公开",
    "needs_negotiation": "需要协商",
    "staff_operation": "须员工操作",
    "vip": "贵宾客户",
    "before_need": "未说需求前",
    "after_greeting": "问候语之后",
    "habitual": "习惯性转人工",
    "asr_error": "听错",
    "nlu_wrong_intent": "理解错意图",
    "no_match": "未匹配",
    "multi_intent": "一句多个意图",
    "out_of_vocabulary": "词汇未收录",
    "noise_or_dialect": "噪声或方言",
    "incomplete": "答案不完整",
    "outdated": "答案过时",
    "too_generic": "答案太笼统",
    "not_understood": "客户没听懂",
    "cannot_act": "无法办理",
    "disagrees_with_policy": "不认同政策",
    "distrust": "不信任",
    "amber": "黄色",
    "red": "红色",
    "too_long": "时间太长",
    "too_many_steps": "步骤太多",
}

TOPICS: Mapping[str, str] = {
    "account_open": "开户",
    "balance": "查余额",
    "branch_lookup": "查网点",
    "card_lost": "挂失银行卡",
    "coins": "兑换硬币",
    "fees": "收费标准",
    "hours": "营业时间",
    "loans": "贷款",
    "report_lost_card": "挂失银行卡",
    "savings": "储蓄理财",
    "transfer": "转账",
}

FACTS: Mapping[str, str] = {
    "flow": "流程",
    "flow_version": "流程版本",
    "language": "语言",
    "channel": "渠道",
    "direction": "方向",
    "area": "地区",
    "escalation_reason": "转人工原因",
    "product": "产品",
    "model": "型号",
    "batch": "批次",
    "region": "地区",
    "queue": "队列",
    "intent": "意图",
    "topic": "话题",
    "en": "英语",
    "zh": "中文",
    "inbound": "呼入",
    "outbound": "呼出",
    "web": "网页",
    "webrtc": "浏览器",
    "sip": "电话线路(SIP)",
    "twilio": "电话线路(Twilio)",
    "asterisk": "电话线路(Asterisk)",
    "phone": "电话",
    "customer": "客户",
    "agent": "坐席",
    "network": "网络",
    "yes": "是",
    "no": "否",
    "asked": "已询问",
    "no_inputs": "未作声次数",
    "queues": "经过的队列",
    "agents": "接听坐席",
    "queue_seconds": "排队时长",
    "talk_seconds": "人工通话时长",
    "hold_seconds": "保持时长",
    "dropped_frames": "丢失的音频帧",
    "outcome": "结果",
    "reference": "编号",
    "card_last4": "卡尾号",
    "knowledge.answer": "解答条目",
    "standard": "普通",
    "gold": "金卡",
    "process": "流程问题",
    "people": "人员问题",
    "policy": "政策问题",
    "bot": "机器人",
}

CHINESE: Mapping[str, str] = {**FACTS, **TOPICS, **QUEUES, **OUTCOMES, **REASONS, **ENDS}


def worded(code: str, language: str) -> str:
    """A code as people read it; what somebody wrote themselves (with capitals or blanks) stays as it is."""
    if language == "zh" and code in CHINESE:
        return CHINESE[code]
    return ENGLISH.get(code, code.replace("_", " ")) if language != "zh" else code.replace("_", " ")


def code_of(words: str, language: str) -> str:
    """The code that somebody means who typed what `worded` shows; else what they typed, with `_` for blanks."""
    typed = words.strip()
    for code, shown in (CHINESE if language == "zh" else ENGLISH).items():
        if shown.casefold() == typed.casefold():
            return code
    return typed.replace(" ", "_")
