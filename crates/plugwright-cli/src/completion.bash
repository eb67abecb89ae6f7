# Completes what is typed after `plugwright`, in bash: the command is asked for words, and bash itself for files.
_plugwright() {
    local IFS=$' \t\n' begun=${COMP_LINE:0:COMP_POINT} words=() word prefix
    COMPREPLY=()
    # What is quoted is left to bash.
    [[ $begun != *[\"\'\\]* ]] || return 0
    # Words of its own, because bash takes them apart where there is a `=`.
    read -ra words <<<"$begun"
    [[ $begun != *[[:space:]] ]] || words+=("")
    word=${words[${#words[@]} - 1]}
    [[ $word == *"$2" ]] || return 0
    prefix=${word%"$2"}
    words[0]=plugwright
    while IFS= read -r word || [[ -n $word ]]; do
        # Options are offered once they are begun.
        [[ $2 || $prefix || $word != -* ]] && COMPREPLY+=("${word#"$prefix"}")
    done < <(PLUGWRIGHT_COMPLETE=bash _CLAP_COMPLETE_INDEX=$((${#words[@]} - 1)) plugwright -- "${words[@]}" 2>/dev/null)
    if [[ ${#COMPREPLY[@]} == 1 && ${COMPREPLY[0]} == *[=.] ]]; then
        compopt -o nospace 2>/dev/null
    fi
    # With `filenames`, bash quotes what is offered.
    if [[ ${#words[@]} -gt 2 && $2 != -* && ($prefix == "" || $prefix == --*=) && ${words[${#words[@]} - 2]} != @(-O|--option) ]]; then
        compopt -o filenames 2>/dev/null
        while IFS= read -r word; do
            COMPREPLY+=("$word")
        done < <(compgen -f -- "$2")
    fi
    return 0
}
complete -F _plugwright plugwright
