/** How passwords are kept. What comes with the gateway uses scrypt; an application may bring its own, such as Argon2. */
export interface PasswordHasher {
  /** A salted hash that says itself how it was made, such as a PHC string. */
  hash(password: string): Promise<string>;
  /** Whether a password is the one of a hash; false for a hash it cannot read. */
  verify(password: string, hash: string): Promise<boolean>;
  /** Whether a hash should be made anew, since new ones are made in another way. */
  isOutdated(hash: string): boolean;
}
