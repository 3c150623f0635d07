/** The command palette: from any page to any other, to a session or a workspace, by a few letters. */
import { type MantineColorScheme, useMantineColorScheme } from "@mantine/core";
import { Spotlight, createSpotlight } from "@mantine/spotlight";
import {
  IconDeviceDesktop,
  IconFileSearch,
  IconFolder,
  IconKey,
  IconKeyboard,
  IconListCheck,
  IconMessages,
  IconMoon,
  IconPlus,
  IconSearch,
  IconSun,
  type TablerIcon,
} from "@tabler/icons-react";
import { useQuery } from "@tanstack/react-query";
import { useNavigate } from "@tanstack/react-router";
import { useEffect, useState } from "react";
import { sessionsQuery, workspacesQuery } from "../lib/queries.ts";
import { matches } from "../lib/text-filter.ts";
import { places } from "./places.ts";
import classes from "./palette.module.css";
import "@mantine/spotlight/styles.layer.css";

/** Sessions and workspaces offered at one time; more letters find the others. */
const maxSessions = 8;
const maxWorkspaces = 6;

const [store, palette] = createSpotlight();

interface Offer {
  id: string;
  label: string;
  description?: string;
  Icon: TablerIcon;
  go: () => void;
}

interface PaletteProps {
  onClose: () => void;
  onHelp: () => void;
}

export default function Palette({ onClose, onHelp }: PaletteProps) {
  const [query, setQuery] = useState("");
  // It is loaded when it is first wanted, and open from then on until it is left.
  useEffect(() => palette.open(), []);
  const groups = useOffers(query, onHelp).filter(({ offers }) => offers.length > 0);
  return (
    <Spotlight.Root
      store={store}
      query={query}
      onQueryChange={setQuery}
      shortcut={null}
      onSpotlightClose={onClose}
      scrollable
      maxHeight="24rem"
    >
      <Spotlight.Search
        placeholder="Go to a page, a session or a workspace"
        aria-label="Command palette"
        leftSection={<IconSearch size={18} aria-hidden />}
      />
      <Spotlight.ActionsList>
        {groups.map(({ name, offers }) => (
          <Spotlight.ActionsGroup key={name} label={name}>
            {offers.map(({ id, label, description, Icon, go }) => (
              <Spotlight.Action
                key={id}
                label={label}
                {...(description === undefined ? {} : { description })}
                leftSection={<Icon size={18} stroke={1.7} aria-hidden />}
                classNames={{ actionDescription: classes["description"] ?? "" }}
                onClick={go}
              />
            ))}
          </Spotlight.ActionsGroup>
        ))}
      </Spotlight.ActionsList>
    </Spotlight.Root>
  );
}

const colours: readonly [scheme: MantineColorScheme, label: string, Icon: TablerIcon][] = [
  ["light", "Colours: light", IconSun],
  ["dark", "Colours: dark", IconMoon],
  ["auto", "Colours: as the system", IconDeviceDesktop],
];

function useOffers(query: string, onHelp: () => void): { name: string; offers: Offer[] }[] {
  const navigate = useNavigate();
  const { colorScheme, setColorScheme } = useMantineColorScheme();
  const { data: sessions = [] } = useQuery(sessionsQuery);
  const { data: workspaces = [] } = useQuery(workspacesQuery);
  const words = query.trim();

  const pages = places
    .map(({ to, label, Icon }): Offer => ({ id: `page ${to}`, label, Icon, go: () => void navigate({ to }) }))
    .filter(({ label }) => matches(words, [label]));
  const actions: Offer[] = [
    { id: "new job", label: "New job", Icon: IconPlus, go: () => void navigate({ to: "/work/new" }) },
    {
      id: "new key",
      label: "New API key",
      Icon: IconKey,
      go: () => void navigate({ to: "/settings", search: { new: "key" } }),
    },
    ...colours
      .filter(([scheme]) => scheme !== colorScheme)
      .map(([scheme, label, Icon]) => ({ id: `colours ${scheme}`, label, Icon, go: () => setColorScheme(scheme) })),
    { id: "help", label: "Keyboard shortcuts", Icon: IconKeyboard, go: onHelp },
  ].filter(({ label }) => matches(words, [label]));
  const found = sessions
    .filter(({ title, lastWords, workspace, tags, id }) => matches(words, [title, lastWords, workspace, ...tags], id))
    .slice(0, maxSessions)
    .map(({ id, title, workspace }) => ({
      id: `session ${id}`,
      label: title || "Untitled",
      description: workspace === "" ? "workspaces root" : workspace,
      Icon: IconMessages,
      go: () => void navigate({ to: "/sessions/$id", params: { id } }),
    }));
  const folders = workspaces
    .filter(({ name }) => name !== "" && matches(words, [name]))
    .slice(0, maxWorkspaces)
    .map(({ name }) => ({
      id: `workspace ${name}`,
      label: name,
      description: "Files",
      Icon: IconFolder,
      go: () => void navigate({ to: `/workspaces/${encodeURIComponent(name)}/files/` }),
    }));
  const searches: Offer[] =
    words.length < 2
      ? []
      : [
          {
            id: "search transcripts",
            label: `Search transcripts for “${words}”`,
            Icon: IconFileSearch,
            go: () => void navigate({ to: "/sessions/search", search: { q: words } }),
          },
          {
            id: "filter sessions",
            label: `Filter sessions by “${words}”`,
            Icon: IconListCheck,
            go: () => void navigate({ to: "/sessions", search: { q: words } }),
          },
        ];
  return [
    { name: "Pages", offers: pages },
    { name: "Sessions", offers: found },
    { name: "Workspaces", offers: folders },
    { name: "Actions", offers: actions },
    { name: "Search", offers: searches },
  ];
}
