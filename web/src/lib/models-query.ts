import { dashboardHeader } from "@lodge/shared";
import { queryOptions } from "@tanstack/react-query";
import { ApiFailure } from "./api.ts";

/** Names of models, from the public API like everything on this page. */
export const modelsQuery = queryOptions({
  queryKey: ["models"],
  staleTime: Number.POSITIVE_INFINITY,
  async queryFn(): Promise<string[]> {
    const response = await fetch("/v1/models", { headers: { [dashboardHeader]: "1" } });
    if (!response.ok) throw new ApiFailure(response.status, "The models could not be read.");
    const { data } = (await response.json()) as { data: { id: string }[] };
    // The pages have the mode in a field of its own.
    return data.map(({ id }) => id).filter((id) => !/:(agent|model)$/.test(id));
  },
});
