/** API keys under `/api/keys`: made, listed, changed, revoked. The key itself is in one reply only, and kept nowhere. */
import { createdKey, keyChange, keySummary, newKey } from "@lodge/shared";
import { Elysia } from "elysia";
import { z } from "zod";
import { KeyError, type Keys } from "../../auth/keys.ts";
import { ApiError, type ErrorKind } from "../../http/errors.ts";
import { callerOf } from "../../http/request-context.ts";
import type { AuditNote } from "../terminals/audit.ts";

export interface KeyServices {
  keys: Keys;
  /** Told who made, changed and revoked which. */
  note: (note: AuditNote) => void;
}

const params = z.object({ id: z.string().min(1).max(100) });
const response = z.object({ key: keySummary });

export const keyRoutes = ({ keys, note }: KeyServices) =>
  new Elysia({ name: "keys", prefix: "/api/keys", detail: { tags: ["Dashboard"] } })
    .get("/", () => ({ keys: keys.list() }), {
      response: z.object({ keys: z.array(keySummary) }),
      detail: { summary: "API keys, those in use first" },
    })
    .post(
      "/",
      ({ body, request }) => {
        const created = attempt(() => keys.create(body));
        note({ who: callerOf(request).name, action: "key_created", detail: created.key.name });
        return created;
      },
      {
        body: newKey,
        response: createdKey,
        detail: { summary: "Make an API key", description: "`secret` is the key. It is shown here and never again." },
      },
    )
    .patch(
      "/:id",
      ({ params: { id }, body, request }) => {
        const key = attempt(() => keys.change(id, body));
        note({ who: callerOf(request).name, action: "key_changed", detail: key.name });
        return { key };
      },
      {
        params,
        body: keyChange,
        response,
        detail: {
          summary: "Change an API key",
          description: "What is not said stays. It holds from the next request on.",
        },
      },
    )
    .delete(
      "/:id",
      ({ params: { id }, request }) => {
        const key = attempt(() => keys.revoke(id));
        note({ who: callerOf(request).name, action: "key_revoked", detail: key.name });
        return { key };
      },
      {
        params,
        response,
        detail: {
          summary: "Revoke an API key",
          description:
            "At once and for ever. Jobs that wait with it fail, and terminals that are open with it are closed.",
        },
      },
    );

const kinds: Record<KeyError["kind"], ErrorKind> = {
  unknown: "not_found",
  revoked: "conflict",
  invalid: "unprocessable",
  too_many: "conflict",
};

function attempt<T>(work: () => T): T {
  try {
    return work();
  } catch (error) {
    if (!(error instanceof KeyError)) throw error;
    throw new ApiError(kinds[error.kind], error.message, { param: error.field, cause: error });
  }
}
