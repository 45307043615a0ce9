// Sound and vibration for those whose eyes are on the goods; both are off until somebody turns them on.

import { setting } from "./settings.js";

export const sound = setting("sound");
export const vibration = setting("vibration");

/** Hertz and seconds: high and short for good, low and long for bad. */
const TONES = Object.freeze({ good: [1320, 0.09], read: [1320, 0.09], none: [880, 0.12], warn: [440, 0.3], bad: [220, 0.6] });
const PULSES = Object.freeze({ good: [60], read: [60], none: [60], warn: [60, 60, 60], bad: [250, 80, 250] });

/** @type {AudioContext | undefined} */
let audio;

/** Browsers let a page sound only after somebody touched it. */
export function allowSound() {
  audio ??= globalThis.AudioContext === undefined ? undefined : new AudioContext();
  audio?.resume();
}

/** @param {string} tone of a verdict, or "read" */
export function signal(tone) {
  if (vibration.get() === "on") navigator.vibrate?.(PULSES[tone] ?? PULSES.none);
  if (sound.get() === "on" && audio !== undefined) beep(audio, TONES[tone] ?? TONES.none);
}

/**
 * @param {AudioContext} context
 * @param {readonly number[]} tone
 */
function beep(context, [hertz, seconds]) {
  const [source, volume] = [context.createOscillator(), context.createGain()];
  const end = context.currentTime + seconds;
  source.frequency.value = hertz;
  volume.gain.setValueAtTime(0.2, context.currentTime);
  volume.gain.linearRampToValueAtTime(0, end);
  source.connect(volume).connect(context.destination);
  source.start();
  source.stop(end);
}
