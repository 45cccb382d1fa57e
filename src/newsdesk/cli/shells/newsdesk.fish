# Completion of newsdesk for fish. Put this line into ~/.config/fish/config.fish:
#   newsdesk completions fish | source

function __newsdesk_answer
    set -l words (commandline -opc)
    set -l typed (commandline -ct)
    set -l name (string trim -l -c '"\'' -- $typed) # an open quote is no part of a name
    for line in (string join0 -- $words[2..-1] $typed | newsdesk completions fish --answer 2>/dev/null)
        switch $line
            case :directories
                __fish_complete_directories $name ''
            case :files
                __fish_complete_path $name ''
            case '*'
                echo -- $line
        end
    end
end

complete -c newsdesk -f -a '(__newsdesk_answer)'
