import { Gateway, isGatewayError } from "@sluice/core";

/** Two functions an application may need, made of models, without any HTTP. */
export function buildApp(options = {}) {
  const gateway = new Gateway(options);

  /** A headline for a text; the text's own first words where no model answers in time. */
  async function headline(text) {
    try {
      const { choices } = await gateway.chat({
        messages: [
          { role: "system", content: "Answer with a headline of at most eight words for the text." },
          { role: "user", content: text },
        ],
        max_tokens: 40,
        sluice: { timeouts: { totalMs: 5_000 } },
      });
      return choices[0]?.message.content ?? "";
    } catch (error) {
      if (!isGatewayError(error)) throw error;
      return text.split(/\s+/).slice(0, 8).join(" ");
    }
  }

  /** Tells a story word by word; whoever stops listening stops the model. */
  async function* story(subject) {
    const messages = [{ role: "user", content: `Tell a short story about ${subject}.` }];
    for await (const chunk of gateway.stream({ messages })) {
      const words = chunk.choices[0]?.delta.content;
      if (words) yield words;
    }
  }

  return { gateway, headline, story };
}
