/** Everything that surrounds the pages: theme, cache, and the choice between login and dashboard. */
import { MantineProvider } from "@mantine/core";
import { QueryClientProvider } from "@tanstack/react-query";
import { RouterProvider } from "@tanstack/react-router";
import { StrictMode } from "react";
import { LoginPage } from "../features/login/page.tsx";
import { useStore } from "../lib/store.ts";
import { type AppContext, AppProvider, useApp } from "./context.ts";
import type { AppRouter } from "./router.tsx";
import { cssVariables, theme } from "./theme.ts";

export function App({ context, router }: { context: AppContext; router: AppRouter }) {
  return (
    <StrictMode>
      <MantineProvider theme={theme} cssVariablesResolver={cssVariables} defaultColorScheme="auto">
        <QueryClientProvider client={context.auth.queryClient}>
          <AppProvider value={context}>
            <Gate router={router} />
          </AppProvider>
        </QueryClientProvider>
      </MantineProvider>
    </StrictMode>
  );
}

/**
 * The login page takes the dashboard's place without a route of its own: the address stays, so that logging in leads
 * back to it, and no parameter says where to go that a stranger's link could set. It is not loaded when wanted like the
 * pages: the files may be gone by then, when a login ends because the server was updated.
 */
function Gate({ router }: { router: AppRouter }) {
  const auth = useStore(useApp().auth.state);
  if (auth.status === "in") return <RouterProvider router={router} />;
  // One short question to the server: showing a frame that may be gone the next moment would only flicker.
  if (auth.status === "checking") return null;
  // The key: a link with another token may be opened while the page is shown.
  return <LoginPage key={auth.problem} problem={auth.problem} />;
}
