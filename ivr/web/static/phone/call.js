// One call: microphone, signalling, media, data channel. Knows nothing of the page; says what happens through `on`.
//
// on.state(name)     microphone, connecting, active, held, queued, with_agent, weak, ended
// on.caption({who, text, final})
// on.sound(stream)   what the far end says
// on.delay(ms)       round trip, every two seconds
// on.ended(problem)  once, last; null: an ordinary end, else a key of WORDS.*.problem

const PING_MS = 2000;
const WEAK_MS = 5000;
const LOST_MS = 12000;
const MEDIA_MS = 15000; // from the answer until sound gets through
const GATHER_MS = 1500; // a silent network card must not hold the call up
const FAREWELL_MS = 300; // so that the last message leaves before the connection closes

export class CallProblem extends Error {
  constructor(code) {
    super(code);
    this.code = code;
  }
}

export class Call {
  constructor({ number, token = "", codec = "", processing = true, on }) {
    Object.assign(this, { number, token, codec, processing, on });
    this.timers = [];
    this.standing = "";
    this.isOver = false;
  }

  async start() {
    try {
      this.tell("microphone");
      this.stream = await microphone(this.processing);
      if (this.isOver) return this.release();
      this.tell("connecting");
      const ticket = this.token ? await this.ours() : await ask("/phone/token", { called: this.number });
      if (this.isOver) return;
      const offer = await this.offer(ticket.ice_servers ?? []);
      if (this.isOver) return;
      const answer = await ask("/webrtc/offer", { token: ticket.token, ...offer });
      if (this.isOver) return;
      this.id = answer.call_id;
      await this.connection.setRemoteDescription({ type: answer.type, sdp: answer.sdp });
      this.later(MEDIA_MS, () => this.isConnected || this.end("no_sound"));
    } catch (error) {
      this.end(error instanceof CallProblem ? error.code : "server");
    }
  }

  // A ticket that the site gave us in the address of the page.
  async ours() {
    const servers = await ask("/webrtc/ice", null, { Authorization: `Bearer ${this.token}` });
    return { token: this.token, ...servers };
  }

  async offer(iceServers) {
    if (!window.RTCPeerConnection) throw new CallProblem("unsupported");
    const connection = (this.connection = new RTCPeerConnection({ iceServers, bundlePolicy: "max-bundle" }));
    this.channel = connection.createDataChannel("ivr");
    this.channel.onmessage = (message) => this.told(message.data);
    this.channel.onopen = () => this.watch();
    this.channel.onclose = () => this.end(this.heardEnd ? null : "lost");
    for (const track of this.stream.getAudioTracks()) connection.addTrack(track, this.stream);
    this.prefer(connection.getTransceivers()[0]);
    connection.ontrack = (event) => this.on.sound(event.streams[0] ?? new MediaStream([event.track]));
    connection.onconnectionstatechange = () => this.moved(connection.connectionState);
    await connection.setLocalDescription();
    await gathered(connection);
    return { type: "offer", sdp: connection.localDescription.sdp };
  }

  // Telephone sound costs the server least; Opus only on request (?codec=opus).
  prefer(transceiver) {
    const first = this.codec === "opus" ? ["audio/opus"] : ["audio/pcmu", "audio/pcma"];
    const known = RTCRtpReceiver.getCapabilities?.("audio")?.codecs ?? [];
    const wanted = known.filter((codec) => first.includes(codec.mimeType.toLowerCase()));
    if (wanted.length && transceiver.setCodecPreferences) transceiver.setCodecPreferences(wanted);
  }

  moved(state) {
    if (state === "connected") {
      this.isConnected = true;
      this.tell(this.standing || "active");
    } else if (state === "disconnected") {
      this.on.state("weak");
    } else if (state === "failed") {
      this.end(this.isConnected ? "lost" : "no_sound");
    } else if (state === "closed") {
      this.end("lost");
    }
  }

  watch() {
    let n = 0;
    this.heardAt = performance.now();
    const sent = new Map();
    this.pong = (number) => {
      this.on.delay(performance.now() - (sent.get(number) ?? performance.now()));
      sent.delete(number);
    };
    const ping = () => {
      const quiet = performance.now() - this.heardAt;
      if (quiet > LOST_MS) return this.end("lost");
      if (quiet > WEAK_MS) { this.isWeak = true; this.on.state("weak"); }
      sent.set(++n, performance.now());
      this.send({ type: "ping", n });
    };
    this.timers.push(setInterval(ping, PING_MS));
    ping();
  }

  told(text) {
    let message;
    try { message = JSON.parse(text); } catch { return; }
    this.heardAt = performance.now();
    if (this.isWeak) { this.isWeak = false; this.on.state(this.standing || "active"); }
    if (message.type === "pong") this.pong?.(message.n);
    else if (message.type === "caption") this.on.caption(message);
    else if (message.type === "state" && message.state === "ended") {
      this.heardEnd = true;
      this.end(null);
    } else if (message.type === "state") {
      this.standing = message.state;
      if (this.isConnected) this.tell(message.state);
    }
  }

  tell(state) {
    if (!this.isOver) this.on.state(state);
  }

  send(message) {
    if (this.channel?.readyState === "open") this.channel.send(JSON.stringify(message));
  }

  press(digit) {
    this.send({ type: "key", digit });
  }

  mute(isMuted) {
    for (const track of this.stream?.getAudioTracks() ?? []) track.enabled = !isMuted;
  }

  hangUp() {
    this.send({ type: "hangup" });
    this.end(null);
  }

  end(problem) {
    if (this.isOver) return;
    this.isOver = true;
    this.timers.forEach((timer) => { clearInterval(timer); clearTimeout(timer); });
    this.stream?.getTracks().forEach((track) => track.stop());
    setTimeout(() => this.release(), FAREWELL_MS);
    this.on.ended(problem);
  }

  release() {
    this.stream?.getTracks().forEach((track) => track.stop());
    this.connection?.close();
  }

  later(ms, act) {
    this.timers.push(setTimeout(() => this.isOver || act(), ms));
  }

  // What the connection really does, for whoever looks for a fault.
  async figures() {
    const stats = await this.connection.getStats();
    const found = { connection: this.connection.connectionState };
    stats.forEach((one) => {
      if (one.type === "inbound-rtp") {
        Object.assign(found, {
          received: one.packetsReceived, lost: one.packetsLost, energy: one.totalAudioEnergy, level: one.audioLevel,
          codec: stats.get(one.codecId)?.mimeType,
        });
      }
      if (one.type === "outbound-rtp") found.sent = one.packetsSent;
      if (one.type === "media-source") Object.assign(found, { own_level: one.audioLevel, own_energy: one.totalAudioEnergy });
    });
    return found;
  }
}

async function microphone(processing) {
  if (!window.isSecureContext) throw new CallProblem("insecure");
  if (!navigator.mediaDevices?.getUserMedia) throw new CallProblem("unsupported");
  const wanted = { echoCancellation: processing, noiseSuppression: processing, autoGainControl: processing };
  try {
    return await navigator.mediaDevices.getUserMedia({ audio: wanted });
  } catch (error) {
    const codes = { NotAllowedError: "permission", SecurityError: "permission", NotFoundError: "no_microphone" };
    throw new CallProblem(codes[error.name] ?? (error.name === "NotReadableError" ? "microphone_busy" : "no_microphone"));
  }
}

export async function ask(path, content, headers = {}) {
  const asked = content
    ? { method: "POST", headers: { "Content-Type": "application/json", ...headers }, body: JSON.stringify(content) }
    : { headers };
  let answer;
  try {
    answer = await fetch(path, { cache: "no-store", credentials: "same-origin", ...asked });
  } catch {
    throw new CallProblem("unreachable");
  }
  if (answer.ok) return answer.json();
  const codes = { 401: "refused", 403: "refused", 404: "refused", 429: "too_many", 503: "busy" };
  const { code } = await answer.json().catch(() => ({}));
  throw new CallProblem(code === "webrtc.not_public" ? "closed" : codes[answer.status] ?? "server");
}

function gathered(connection) {
  if (connection.iceGatheringState === "complete") return Promise.resolve();
  return new Promise((done) => {
    connection.addEventListener("icegatheringstatechange", () => connection.iceGatheringState === "complete" && done());
    setTimeout(done, GATHER_MS);
  });
}
