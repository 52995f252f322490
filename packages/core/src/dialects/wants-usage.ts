/** As much of a request as says whether its stream is to end with the usage. */
export interface UsageWish {
  readonly stream_options?: { readonly include_usage?: boolean | null | undefined } | null | undefined;
  readonly sluice?: { readonly receipt?: boolean | undefined } | undefined;
}

/** Whether the caller gets the usage chunk of a stream: for itself, or for the receipt in it. */
export function wantsUsage({ stream_options: options, sluice }: UsageWish): boolean {
  return options?.include_usage === true || sluice?.receipt === true;
}
