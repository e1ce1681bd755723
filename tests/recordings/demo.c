/* A fixed source for editors that colour it. */
#include <stdio.h>
#include <string.h>

#define WIDTH 80

struct row {
	int cells[WIDTH];
	const char *text; /* may be NULL */
};

static int count(const struct row *row, char wanted)
{
	int found = 0;
	for (const char *p = row->text; p && *p; p++) {
		if (*p == wanted)
			found++;
	}
	return found;
}

int main(void)
{
	struct row row = { .text = "one, two, three\n" };
	printf("%d commas in %zu bytes: %s", count(&row, ','), strlen(row.text), row.text);
	return 0;
}
