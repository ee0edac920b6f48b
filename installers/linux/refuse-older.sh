# An older version may not read what a newer one wrote: it is refused, whatever way it comes.
# refuse_older NAME VERSION FOLDER [INSTALLED]
refuse_older() {
  for known in "${4-}" "$(cat "$3/newest-version" 2>/dev/null || :)"; do
    if [ -z "$known" ] || [ "$known" = "$2" ]; then continue; fi
    [ "$(printf '%s\n%s\n' "$known" "$2" | sort -V | tail -n 1)" = "$known" ] || continue
    echo "error: $1 $2 is not installed: $known was here before, and what it wrote an older version may not read" >&2
    echo "hint: install $known or newer" >&2
    exit 1
  done
}
