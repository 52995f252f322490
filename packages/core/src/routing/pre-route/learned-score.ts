import { FEATURES, type FeatureVector, featuresOf } from "./features.js";

/** Chosen by cross-validation on recorded outcomes; the result changes little around them. */
const LEARNING_RATE = 0.05;
const DECAY = 1e-4;
/** Keeps the first steps of a rare word small. */
const FIRST_SLOPE = 1;

/** What has been learned, as it is kept. */
export interface LearnedState {
  readonly outcomes: number;
  /** Base64 of the weights, 32-bit floats, little end first. */
  readonly weights: string;
  /** Base64 of the sums of squared slopes, likewise. */
  readonly slopes: string;
}

/**
 * Learns from a deployment's own outcomes how much a prompt gains by a strong model. A linear model over hashed words,
 * trained by stochastic descent with a step of its own for each weight (AdaGrad): a prediction takes microseconds.
 */
export class LearnedScore {
  /** How many outcomes it has seen. */
  outcomes = 0;
  #weights = new Float32Array(FEATURES);
  #slopes = new Float32Array(FEATURES);

  /** Expected gain by a strong model; higher is harder. */
  score(text: string): number {
    return this.#predict(featuresOf(text));
  }

  /** @param gain - 1 where only the strong model is right, 0 where both or neither are, -1 where only the cheap one is */
  learn(text: string, gain: number): void {
    const vector = featuresOf(text);
    const error = this.#predict(vector) - gain;
    this.outcomes++;
    const { indices, values } = vector;
    for (let at = 0; at < indices.length; at++) {
      const index = indices[at] as number;
      const slope = error * (values[at] as number) + DECAY * (this.#weights[index] as number);
      this.#slopes[index] = (this.#slopes[index] as number) + slope * slope;
      const step = LEARNING_RATE / Math.sqrt((this.#slopes[index] as number) + FIRST_SLOPE);
      this.#weights[index] = (this.#weights[index] as number) - step * slope;
    }
  }

  /** What has been learned so far, for {@link LearnedScore.restore}. */
  state(): LearnedState {
    return { outcomes: this.outcomes, weights: encode(this.#weights), slopes: encode(this.#slopes) };
  }

  /** Goes on from what was learned before; state of another version's shape is passed over. */
  restore({ outcomes, weights, slopes }: LearnedState): void {
    const [w, s] = [decode(weights), decode(slopes)];
    if (w.length !== FEATURES || s.length !== FEATURES) return;
    this.outcomes = outcomes;
    this.#weights = w;
    this.#slopes = s;
  }

  #predict({ indices, values }: FeatureVector): number {
    let sum = 0;
    for (let at = 0; at < indices.length; at++)
      sum += (this.#weights[indices[at] as number] as number) * (values[at] as number);
    return sum;
  }
}

function encode(numbers: Float32Array): string {
  return Buffer.from(numbers.buffer, numbers.byteOffset, numbers.byteLength).toString("base64");
}

function decode(text: string): Float32Array<ArrayBuffer> {
  const bytes = Uint8Array.from(Buffer.from(text, "base64"));
  return new Float32Array(bytes.buffer, 0, Math.floor(bytes.byteLength / 4));
}
