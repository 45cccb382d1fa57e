# Completion of newsdesk for fish. Put this line into ~/.config/fish/config.fish:
#   newsdesk completions fish | source

function __newsdesk_answer
    set -l words (commandline -opc)
    set -l typed (commandline -ct)
    set -l name (string trim -l -c '"\'' -- $typed) # without an open quote
    set -l escaped $typed
    if test "$name" = "$typed"
        set name (string unescape -- $typed)
    else
        set escaped (string escape -n -- $name)
    end
    for line in (string join0 -- $words[2..-1] $typed | newsdesk completions fish --answer 2>/dev/null)
        switch $line
            case :directories
                __fish_complete_directories $escaped '' # reads it as fish syntax
            case :files
                __fish_complete_path $name '' # reads it as it is
            case '*'
                echo -- $line
        end
    end
end

complete -c newsdesk -f -a '(__newsdesk_answer)'
