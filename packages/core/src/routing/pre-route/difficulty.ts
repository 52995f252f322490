/**
 * How hard a prompt looks before anything is learned, 0 to 1: long prompts and those that calculate, program or reason are
 * harder. Length alone does nearly as well as routers trained on other people's traffic.
 */
export function difficulty(text: string): number {
  const length = Math.min(1, Math.log1p(text.length) / Math.log(8_000));
  const head = text.slice(0, 8_000);
  const marks = MARKERS.filter((marker) => marker.test(head)).length / MARKERS.length;
  return 0.6 * length + 0.4 * marks;
}

const MARKERS: readonly RegExp[] = [
  /\b(?:prove|proof|theorem|derive|integral|equation|probability|calculate|compute|solve|how (?:many|much))\b|[=^∑∫√]|\\(?:frac|sum|int|sqrt)/i,
  /```|\b(?:function|class|regex|sql|algorithm|compile|debug|stack trace|refactor|implement)\b|[{};]\s*$/im,
  /\b(?:step by step|explain why|reason|analy[sz]e|compare|trade-?offs?|evaluate|which of the following|except)\b/i,
  /\b(?:diagnos\w+|legal|contract|clinical|patient|statute|jurisdiction|molecul\w+|quantum|thermodynamic\w*)\b/i,
];
