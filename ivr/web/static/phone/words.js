// What the page says, in English and Chinese. Every key is in both; tests compare them.

export const WORDS = {
  en: {
    brand: "Browser phone",
    title: "Call {name}",
    skip: "Skip to the conversation",
    other: "中文",
    theme: "Dark colours",
    choose: "Whom would you like to call?",
    call: "Call",
    again: "Call again",
    hangup: "Hang up",
    mute: "Mute",
    unmute: "Unmute",
    keypad: "Keypad",
    key: "Key {digit}",
    star: "Star",
    hash: "Hash",
    level: "Level of your microphone",
    conversation: "Conversation",
    empty: "What is said appears here as text, yours and ours.",
    topics: "You can ask for",
    newest: "Newest words",
    privacy: "Calls may be recorded. Your microphone is used during the call only.",
    bot: "Assistant",
    caller: "You",
    agent: "Colleague",
    muted: "Muted: nobody hears you",
    silent: "We cannot hear your microphone. Is it the right one?",
    tap: "Press a key to hear the call",
    state: {
      idle: "Ready",
      microphone: "Allow the microphone, please",
      connecting: "Connecting …",
      active: "Connected",
      held: "On hold",
      queued: "Waiting for a colleague",
      with_agent: "With a colleague",
      weak: "Poor connection, please wait",
      ended: "Call ended",
    },
    problem: {
      insecure: ["This page is not secure", "Browsers give the microphone to https pages only. Open this page with https."],
      unsupported: ["This browser cannot call", "Please use a current Chrome, Edge, Firefox or Safari."],
      no_microphone: ["No microphone was found", "Connect one, or a headset, and call again."],
      permission: ["The microphone is not allowed", "Allow it for this page: press the lock or microphone sign beside the address, then call again."],
      microphone_busy: ["The microphone is in use", "Another program holds it. Close that program and call again."],
      busy: ["All lines are busy", "Please call again in a minute."],
      refused: ["The call was refused", "Reload this page and call again."],
      too_many: ["Too many calls in a short time", "Please wait a minute and call again."],
      unreachable: ["The server cannot be reached", "Check your internet connection and call again."],
      no_numbers: ["Nobody can be called here yet", "No number is offered to browsers: see phone.numbers in config.yaml."],
      closed: ["Calls from this page are not open", "Open it from the site that offers the call, or set phone.public in config.yaml."],
      no_sound: ["The sound does not get through", "A firewall may be in the way. Try another network, or ask your administrator."],
      lost: ["The connection was lost", "Check your internet connection and call again. What you said so far is not lost."],
      server: ["Something went wrong on our side", "Please call again in a moment."],
    },
  },
  zh: {
    brand: "网页电话",
    title: "呼叫{name}",
    skip: "跳到通话文字",
    other: "English",
    theme: "深色外观",
    choose: "您想打给哪里?",
    call: "呼叫",
    again: "再次呼叫",
    hangup: "挂断",
    mute: "静音",
    unmute: "取消静音",
    keypad: "拨号键盘",
    key: "按键{digit}",
    star: "星号键",
    hash: "井号键",
    level: "麦克风音量",
    conversation: "通话文字",
    empty: "双方说的话会以文字显示在这里。",
    topics: "您可以问",
    newest: "最新内容",
    privacy: "通话可能会被录音。麦克风只在通话期间使用。",
    bot: "智能客服",
    caller: "您",
    agent: "人工客服",
    muted: "已静音:对方听不到您",
    silent: "听不到您的麦克风,请检查是否选对了设备。",
    tap: "请按任意键收听",
    state: {
      idle: "可以呼叫",
      microphone: "请允许使用麦克风",
      connecting: "正在接通…",
      active: "通话中",
      held: "通话保持中",
      queued: "正在等待人工客服",
      with_agent: "人工客服通话中",
      weak: "网络不稳定,请稍候",
      ended: "通话已结束",
    },
    problem: {
      insecure: ["此页面不安全", "浏览器只允许 https 页面使用麦克风,请用 https 打开本页。"],
      unsupported: ["此浏览器无法通话", "请使用新版 Chrome、Edge、Firefox 或 Safari。"],
      no_microphone: ["没有找到麦克风", "请连接麦克风或耳机后再次呼叫。"],
      permission: ["麦克风未获允许", "请点击地址栏旁的锁形或麦克风图标,允许本页使用麦克风,然后再次呼叫。"],
      microphone_busy: ["麦克风正被占用", "请关闭正在使用麦克风的程序后再次呼叫。"],
      busy: ["线路全忙", "请一分钟后再次呼叫。"],
      refused: ["呼叫被拒绝", "请刷新本页后再次呼叫。"],
      too_many: ["呼叫过于频繁", "请稍等一分钟后再次呼叫。"],
      unreachable: ["无法连接服务器", "请检查网络后再次呼叫。"],
      no_numbers: ["暂时没有可呼叫的号码", "尚未向浏览器开放号码:请查看 config.yaml 中的 phone.numbers。"],
      closed: ["本页未开放呼叫", "请从提供呼叫的网站打开,或在 config.yaml 中设置 phone.public。"],
      no_sound: ["声音无法传输", "可能被防火墙拦截。请换一个网络,或咨询网络管理员。"],
      lost: ["通话连接中断", "请检查网络后再次呼叫。您刚才说的内容不会丢失。"],
      server: ["我们这边出了点问题", "请稍后再次呼叫。"],
    },
  },
};

export function preferredLanguage() {
  const asked = new URLSearchParams(location.search).get("lang");
  const wanted = [asked, kept("language"), ...navigator.languages].filter(Boolean);
  return wanted.map((tag) => tag.toLowerCase().split("-")[0]).find((tag) => tag in WORDS) ?? "en";
}

export function filled(text, values) {
  return text.replace(/\{(\w+)\}/g, (_, name) => values[name] ?? "");
}

// Private windows may refuse storage; the page works without.
export function kept(name) {
  try { return localStorage.getItem(`ivr.phone.${name}`); } catch { return null; }
}

export function keep(name, value) {
  try { localStorage.setItem(`ivr.phone.${name}`, value); } catch { /* remembered for this visit only */ }
}
