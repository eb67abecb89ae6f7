# Bash completion for `plugwright`: the command offers words, and bash itself offers files.
_plugwright() {
    local IFS=$' \t\n' begun=${COMP_LINE:0:COMP_POINT} words=() word prefix
    COMPREPLY=()
    # Leave quoted words to bash.
    [[ $begun != *[\"\'\\]* ]] || return 0
    # Split the words here, because bash also splits them at `=`.
    read -ra words <<<"$begun"
    [[ $begun != *[[:space:]] ]] || words+=("")
    word=${words[${#words[@]} - 1]}
    [[ $word == *"$2" ]] || return 0
    prefix=${word%"$2"}
    words[0]=plugwright
    while IFS= read -r word || [[ -n $word ]]; do
        # Offer options only once the user has typed a part of one.
        [[ $2 || $prefix || $word != -* ]] && COMPREPLY+=("${word#"$prefix"}")
    done < <(PLUGWRIGHT_COMPLETE=bash _CLAP_COMPLETE_INDEX=$((${#words[@]} - 1)) plugwright -- "${words[@]}" 2>/dev/null)
    if [[ ${#COMPREPLY[@]} == 1 && ${COMPREPLY[0]} == *[=.] ]]; then
        compopt -o nospace 2>/dev/null
    fi
    # With `filenames`, bash quotes the offered words.
    if [[ ${#words[@]} -gt 2 && $2 != -* && ($prefix == "" || $prefix == --*=) && ${words[${#words[@]} - 2]} != @(-O|--option) ]]; then
        compopt -o filenames 2>/dev/null
        while IFS= read -r word; do
            COMPREPLY+=("$word")
        done < <(compgen -f -- "$2")
    fi
    return 0
}
complete -F _plugwright plugwright
