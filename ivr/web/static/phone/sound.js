// Levels to look at and the tone of a pressed key. Nothing here is sent anywhere.

const ROWS = [697, 770, 852, 941]; // Hz, ITU-T Q.23
const COLUMNS = [1209, 1336, 1477];
const KEYS = "123456789*0#";
const FLOOR_DB = -60;

let context;

// Browsers let sound start only after a click: call this in one.
export function wake() {
  context ??= new AudioContext();
  if (context.state === "suspended") context.resume();
}

// A function that says how loud the stream is now: 0 (silence) to 1, evenly in decibels.
export function levelOf(stream) {
  wake();
  const analyser = new AnalyserNode(context, { fftSize: 1024 });
  const source = context.createMediaStreamSource(stream);
  source.connect(analyser);
  const samples = new Float32Array(analyser.fftSize);
  const level = () => {
    analyser.getFloatTimeDomainData(samples);
    const power = samples.reduce((sum, sample) => sum + sample * sample, 0) / samples.length;
    return Math.min(1, Math.max(0, (10 * Math.log10(power + 1e-12) - FLOOR_DB) / -FLOOR_DB));
  };
  level.stop = () => source.disconnect();
  return level;
}

export function keyTone(digit) {
  const place = KEYS.indexOf(digit);
  if (place < 0) return;
  wake();
  const gain = new GainNode(context, { gain: 0.04 });
  gain.connect(context.destination);
  for (const frequency of [ROWS[Math.floor(place / 3)], COLUMNS[place % 3]]) {
    const tone = new OscillatorNode(context, { frequency });
    tone.connect(gain);
    tone.start();
    tone.stop(context.currentTime + 0.12);
  }
}
