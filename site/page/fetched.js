// What the site has beside the page.

/** The answer for a file, which is there. */
export const fetched = async (address) => {
  const response = await fetch(address);
  if (!response.ok) throw new Error(`${address} is not there: ${response.status} ${response.statusText}`);
  return response;
};
