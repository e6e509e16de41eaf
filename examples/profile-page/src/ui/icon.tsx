const PATHS = {
  profile: 'M12 12a4 4 0 1 0 0-8 4 4 0 0 0 0 8Zm-8 8c1-4 4-5.500 8-5.500s7 1.500 8 5.500',
  signIn: 'M4 6h16v12H4zM4 7l8 6 8-6',
  security: 'M12 3l7 3v5c0 5-3 8-7 10-4-2-7-5-7-10V6zM9 12l2.200 2.200L15.500 10',
  preferences: 'M4 7h9M17 7h3M4 17h3M11 17h9M15 5v4M9 15v4',
  privacy: 'M3 12s3-6 9-6 9 6 9 6-3 6-9 6-9-6-9-6ZM12 14.500a2.500 2.500 0 1 0 0-5 2.500 2.500 0 0 0 0 5Z',
  device: 'M4 5h16v11H4zM9 20h6M12 16v4',
  link: 'M10 14l4-4M8 12l-2 2a3 3 0 0 0 4 4l2-2M16 12l2-2a3 3 0 0 0-4-4l-2 2',
  key: 'M8 15a4 4 0 1 0 0-8 4 4 0 0 0 0 8Zm4-4h9m-3 0v3',
} as const;

export type IconName = keyof typeof PATHS;

export const Icon = ({ name }: { name: IconName }) => (
  <svg className="icon" viewBox="0 0 24 24" aria-hidden="true">
    <path d={PATHS[name]} />
  </svg>
);
