# Completes what is typed after `plugwright`, in bash: the command is asked for words. Where it has none, bash offers files.
_plugwright() {
    local begun=${COMP_LINE:0:COMP_POINT} words=() word prefix
    # Words of its own, because bash takes them apart where there is a `=`.
    read -ra words <<<"$begun"
    [[ $begun != *[[:space:]] ]] || words+=("")
    word=${words[${#words[@]} - 1]}
    prefix=${word%"$2"}
    COMPREPLY=()
    while IFS= read -r word || [[ -n $word ]]; do
        COMPREPLY+=("${word#"$prefix"}")
    done < <(PLUGWRIGHT_COMPLETE=bash _CLAP_COMPLETE_INDEX=$((${#words[@]} - 1)) "${words[0]}" -- "${words[@]}" 2>/dev/null)
    [[ ${#COMPREPLY[@]} != 1 || ${COMPREPLY[0]} != *[=.] ]] || compopt -o nospace 2>/dev/null
}
complete -o bashdefault -o default -F _plugwright plugwright
