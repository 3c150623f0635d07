/** What the API's description says of each route. */
import { json } from "../../docs/replies.ts";
import { headerParameters } from "../../turns/headers.ts";

const response = "The response: its `status`, its `output`, and what was asked for.";
const stream = { "text/event-stream": { schema: { type: "string" as const } } };
const withStream = { ...json(response), content: { ...json(response).content, ...stream } };

export const descriptions = {
  create: {
    responses: { 200: withStream },
    parameters: headerParameters,
    summary: "Create a response",
    description:
      "Kept unless `store` is false, so that a later one can go on from it with `previous_response_id`. With `stream` it comes as server-sent events. With `background` it goes on without its client: fetch it, or follow its stream. Hosted tools, such as `web_search`, are accepted, not run, and named in the `x-lodge-ignored` header.",
  },
  count: {
    responses: { 200: json("`input_tokens`, an estimate.") },
    summary: "Estimate the input tokens of a response",
    description: "Made as for `/v1/messages/count_tokens`, with all that `previous_response_id` stands for.",
  },
  retrieve: {
    responses: { 200: withStream },
    summary: "A response, or with `stream=true` the events of one in the background",
    description:
      "The events go on after `starting_after`, a sequence number, and end with the response. `include` takes `reasoning.encrypted_content`.",
  },
  remove: {
    responses: { 200: json("`deleted`, which is true.") },
    summary: "Forget a response",
    description:
      "One that is under way in the background is ended first. Those that go on from it cannot be gone on from any more.",
  },
  cancel: {
    responses: { 200: json(response) },
    summary: "Cancel a response in the background",
    description: "One that is over stays as it is.",
  },
  inputItems: {
    responses: { 200: json("A page of items: `data`, `has_more`, `first_id` and `last_id`.") },
    summary: "What a response answers: its input, and before it what it goes on from",
    description: "The latest first, unless `order` is `asc`; `after` is the id of the item before the page.",
  },
};
