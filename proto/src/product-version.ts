/** Agent, collector and the admin's programs are released together. */
export const productVersion = '0.1.0'
