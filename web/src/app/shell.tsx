/** The frame around every page. */
import { AppShell } from "@mantine/core";
import { useDisclosure } from "@mantine/hooks";
import { useQuery } from "@tanstack/react-query";
import { Outlet } from "@tanstack/react-router";
import { lazy, Suspense, useRef } from "react";
import { serverQuery } from "../lib/queries.ts";
import { ToastList } from "../lib/toasts.tsx";
import { ConnectionNotice } from "./connection-notice.tsx";
import { useApp } from "./context.ts";
import { Header } from "./header.tsx";
import { Navigation } from "./navigation.tsx";
import { ShortcutsHelp } from "./shortcuts-help.tsx";
import { useAttention } from "./use-attention.ts";
import { useLiveEvents } from "./use-live-events.ts";
import { useShortcuts } from "./use-shortcuts.ts";
import classes from "./shell.module.css";

/** Loaded when it is first wanted. */
const Palette = lazy(() => import("./palette.tsx"));

/** Pixels. */
const headerHeight = 52;
const bannerHeight = 28;

export function Shell() {
  useLiveEvents();
  const { toasts } = useApp();
  const { data: server } = useQuery(serverQuery);
  const [menuOpen, menu] = useDisclosure(false);
  const [helpOpen, help] = useDisclosure(false);
  const [paletteOpen, palette] = useDisclosure(false);
  const shortcuts = useShortcuts(help.open, palette.open);
  useAttention();
  const main = useRef<HTMLElement>(null);
  const demo = server?.demo === true;

  return (
    <AppShell
      header={{ height: headerHeight + (demo ? bannerHeight : 0) }}
      navbar={{ width: 216, breakpoint: "sm", collapsed: { mobile: !menuOpen } }}
    >
      <a className={classes["skip"]} href="#main" onClick={(event) => skipTo(main.current, event)}>
        Skip to content
      </a>
      <AppShell.Header className={classes["header"]}>
        {demo ? (
          <div className={classes["demo"]} style={{ height: bannerHeight }} role="note">
            Answers are scripted: this server runs the demo model
          </div>
        ) : null}
        <Header
          height={headerHeight}
          menuOpen={menuOpen}
          onMenu={menu.toggle}
          onHelp={help.open}
          onPalette={palette.open}
        />
      </AppShell.Header>
      <AppShell.Navbar className={classes["navbar"]} aria-label="Main" onKeyDown={closeOnEscape(menu.close)}>
        <Navigation onChosen={menu.close} />
      </AppShell.Navbar>
      <AppShell.Main ref={main} id="main" tabIndex={-1} className={classes["main"]}>
        <Outlet />
      </AppShell.Main>
      <ConnectionNotice />
      <ToastList toasts={toasts} />
      {paletteOpen ? (
        <Suspense>
          <Palette onClose={palette.close} onHelp={help.open} />
        </Suspense>
      ) : null}
      <ShortcutsHelp
        opened={helpOpen}
        onClose={help.close}
        enabled={shortcuts.enabled}
        onEnabled={shortcuts.setEnabled}
      />
    </AppShell>
  );
}

/** Not by the address: a fragment would stay in it. */
function skipTo(target: HTMLElement | null, event: { preventDefault(): void }): void {
  event.preventDefault();
  target?.focus();
}

function closeOnEscape(close: () => void) {
  return (event: { key: string }) => {
    if (event.key === "Escape") close();
  };
}
