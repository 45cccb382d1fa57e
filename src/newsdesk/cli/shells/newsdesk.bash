# Completion of newsdesk for bash. Put this line into ~/.bashrc:
#   source <(newsdesk completions bash)

_newsdesk() {
    local line entry typed=${COMP_WORDS[COMP_CWORD]#[\"\']} # without an open quote
    COMPREPLY=()
    while IFS= read -r line; do
        case $line in
        :directories | :files)
            compopt -o filenames 2>/dev/null
            while IFS= read -r entry; do
                COMPREPLY+=("$entry")
            done < <(
                [ "$line" = :files ] && kind=-f || kind=-d
                compgen "$kind" -- "$typed"
            )
            ;;
        *)
            COMPREPLY+=("${line%%$'\t'*}")
            ;;
        esac
    done < <(printf %s "${COMP_LINE:0:COMP_POINT}" | newsdesk completions bash --answer 2>/dev/null)
    case "${COMPREPLY[*]}" in
    *[:/]) compopt -o nospace 2>/dev/null ;;
    esac
}
complete -F _newsdesk newsdesk
