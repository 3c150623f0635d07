/** The bar at the top: where one is, whether what is shown is live, and what concerns the person. */
import { ActionIcon, Burger } from "@mantine/core";
import { IconSearch } from "@tabler/icons-react";
import { Link } from "@tanstack/react-router";
import { AccountMenu } from "./account-menu.tsx";
import { ConnectionState } from "./connection-state.tsx";
import { Logo } from "./logo.tsx";
import { SchemeToggle } from "./scheme-toggle.tsx";
import classes from "./header.module.css";

interface HeaderProps {
  height: number;
  menuOpen: boolean;
  onMenu: () => void;
  onHelp: () => void;
  onPalette: () => void;
}

export function Header({ height, menuOpen, onMenu, onHelp, onPalette }: HeaderProps) {
  return (
    <div className={classes["bar"]} style={{ height }}>
      <Burger
        hiddenFrom="sm"
        size="sm"
        opened={menuOpen}
        onClick={onMenu}
        aria-label={menuOpen ? "Close the navigation" : "Open the navigation"}
        aria-expanded={menuOpen}
      />
      <Link to="/" className={classes["brand"]} aria-label="Lodge, to the overview">
        <Logo size={24} />
        Lodge
      </Link>
      {/* Where nothing else is moved by its words. */}
      <ConnectionState />
      <div className={classes["end"]}>
        <ActionIcon
          variant="subtle"
          color="gray"
          size="lg"
          aria-label="Go to anything"
          title="Go to anything (Ctrl+K)"
          onClick={onPalette}
        >
          <IconSearch size={18} stroke={1.7} aria-hidden />
        </ActionIcon>
        <SchemeToggle />
        <AccountMenu onHelp={onHelp} />
      </div>
    </div>
  );
}
