declare module 'fs-native-extensions' {
  /** An exclusive lock of the kernel on an open file; false when another holds it. It ends with the file descriptor or its process. */
  export function tryLock(fd: number): boolean;
}
