import { useState } from 'react';

interface AvatarProps {
  readonly src: string | undefined;
  /** Its initials replace a missing picture. Empty in rows, which have a label. */
  readonly name: string;
  readonly size: 'small' | 'large';
}

/** Shows the user's picture or initials. */
export function Avatar({ src, name, size }: AvatarProps) {
  const [brokenSrc, setBrokenSrc] = useState<string>();
  const initials = name
    .split(/\s+/)
    .filter(Boolean)
    .map((word) => [...word][0])
    .filter((_letter, i, all) => i === 0 || i === all.length - 1)
    .join('')
    .toUpperCase();
  return (
    <span className={`avatar avatar-${size}`} aria-hidden="true">
      {src && src !== brokenSrc ? (
        <img src={src} alt="" referrerPolicy="no-referrer" onError={() => setBrokenSrc(src)} />
      ) : (
        initials || '·'
      )}
    </span>
  );
}
