/** Header of a page whose person did nothing for a minute: what it asks by itself does not keep the session. */
export const idleHeader = 'backstay-idle'
