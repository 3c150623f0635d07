/** The mark: a roof over a prompt. The same drawing as `public/favicon.svg`. */
export function Logo({ size }: { size: number }) {
  return (
    <svg width={size} height={size} viewBox="0 0 32 32" aria-hidden>
      <rect width="32" height="32" rx="8" fill="#1f7155" />
      <path d="M16 6.5 5.5 25.5h21z" fill="none" stroke="#fff" strokeWidth="2.6" strokeLinejoin="round" />
      <path
        d="m13.2 18 2.9 2.7-2.9 2.7"
        fill="none"
        stroke="#b5dfce"
        strokeWidth="2.4"
        strokeLinecap="round"
        strokeLinejoin="round"
      />
    </svg>
  );
}
