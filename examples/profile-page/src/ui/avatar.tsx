import { useState } from 'react';

interface AvatarProps {
  readonly src: string | undefined;
  /** Its initials stand in for a picture; empty in a row, where the label says it all. */
  readonly name: string;
  readonly size: 'small' | 'large';
}

/** A person's picture, or their initials. */
export function Avatar({ src, name, size }: AvatarProps) {
  const [broken, setBroken] = useState<string>();
  const initials = name
    .split(/\s+/)
    .filter(Boolean)
    .map((word) => [...word][0])
    .filter((_letter, i, all) => i === 0 || i === all.length - 1)
    .join('')
    .toUpperCase();
  return (
    <span className={`avatar avatar-${size}`} aria-hidden="true">
      {src && src !== broken ? (
        <img src={src} alt="" referrerPolicy="no-referrer" onError={() => setBroken(src)} />
      ) : (
        initials || '·'
      )}
    </span>
  );
}
