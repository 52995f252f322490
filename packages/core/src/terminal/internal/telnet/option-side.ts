/**
 * One side of one option, as RFC 1143 counts it: `asked` is its WANTYES. This end never asks for an option to be
 * switched off, so its WANTNO states and queue bits cannot come up.
 */
export type OptionState = "no" | "asked" | "yes";

/** The new state, and what to answer: agreement, refusal or nothing. */
export interface OptionStep {
  readonly state: OptionState;
  readonly answer: "agree" | "refuse" | null;
}

/** The other end said WILL (about itself) or DO (about this end). A state it has heard of already gets no answer. */
export function switchedOn(state: OptionState, acceptable: boolean): OptionStep {
  if (state !== "no") return { state: "yes", answer: null };
  return acceptable ? { state: "yes", answer: "agree" } : { state: "no", answer: "refuse" };
}

/** The other end said WONT or DONT, which is always obeyed. */
export function switchedOff(state: OptionState): OptionStep {
  return { state: "no", answer: state === "yes" ? "refuse" : null };
}
