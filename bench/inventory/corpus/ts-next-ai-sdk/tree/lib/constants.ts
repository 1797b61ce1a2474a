export const isTest = Boolean(process.env.PLAYWRIGHT_TEST_BASE_URL);
