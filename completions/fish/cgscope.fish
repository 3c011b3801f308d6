# cgscope completion for fish
# SPDX-License-Identifier: LGPL-2.1-or-later
# Made from the option tables by tools/gen-fish: do not edit.

# Prints the verb that was given, "run" for a run without that word.
function __cgscope_verb
    set -l words (commandline -opc)
    if contains -- "$words[2]" run check doctor help attach move set list status stop kill freeze thaw monitor unit explain compare fit trace
        echo $words[2]
    else
        echo run
    end
end

# Whether a word is an option of the verb at hand that takes the next word; the last letter of a
# cluster may be one.
function __cgscope_pending
    set -l long
    set -l short
    switch (__cgscope_verb)
        case run
            set long --mem --memory --mem-high --mem-low --mem-min --swap --cpu --cpus --cpu-weight --tasks --io-weight --io-max --cpuset-cpus --cpuset-mems --oom --time --cpu-time --property --in --slice --name --unit --prefix --description --backend --warn-at --stop-at --leftovers --signal --grace --record --label --timeline --sample --expect
            set short 'mtpuk'
        case check
            set long --mem --memory --mem-high --mem-low --mem-min --swap --cpu --cpus --cpu-weight --tasks --io-weight --io-max --cpuset-cpus --cpuset-mems --oom --uid --color
            set short 'mt'
        case doctor
            set long --mem --memory --mem-high --mem-low --mem-min --swap --cpu --cpus --cpu-weight --tasks --io-weight --io-max --cpuset-cpus --cpuset-mems --oom --color
            set short 'mt'
        case help
            set long 
            set short ' '
        case attach
            set long --mem --memory --mem-high --mem-low --mem-min --swap --cpu --cpus --cpu-weight --tasks --io-weight --io-max --cpuset-cpus --cpuset-mems --oom --time --property --slice --name --unit --prefix --description
            set short 'mtpu'
        case move
            set long 
            set short ' '
        case set
            set long --mem --memory --mem-high --mem-low --mem-min --swap --cpu --cpus --cpu-weight --tasks --io-weight --io-max --cpuset-cpus --cpuset-mems --oom --property --reclaim
            set short 'mtp'
        case list
            set long --output --sort --color
            set short 'o'
        case status
            set long 
            set short ' '
        case stop
            set long --signal --grace --timeout
            set short 'k'
        case kill
            set long --signal --timeout
            set short ' '
        case freeze
            set long --timeout
            set short ' '
        case thaw
            set long --timeout
            set short ' '
        case monitor
            set long --uid --warn-at --interval --count --on --until --timeout --hook --hook-timeout --openmetrics
            set short ' '
        case unit
            set long --mem --memory --mem-high --mem-low --mem-min --swap --cpu --cpus --cpu-weight --tasks --io-weight --io-max --cpuset-cpus --cpuset-mems --oom --time --property --delegate --name --as --description --directory --env-file --restart
            set short 'mtp'
        case explain
            set long --since --until --lives --invocation --lines --color
            set short ' '
        case compare
            set long --mem --memory --mem-high --mem-low --mem-min --swap --cpu --cpus --cpu-weight --tasks --io-weight --io-max --cpuset-cpus --cpuset-mems --oom --time --cpu-time --property --rounds --warmup --budget --reference --tolerance --max-slowdown --order --seed --export --from --color --setup --prepare --conclude --cleanup --output --input --records
            set short 'mtpnw'
        case fit
            set long --mem --memory --mem-high --mem-low --mem-min --swap --cpu --cpus --cpu-weight --tasks --io-weight --io-max --cpuset-cpus --cpuset-mems --oom --time --cpu-time --property --find --baseline --confirm --max-slowdown --failures --precision --margin --max-runs --budget --as --export --setup --prepare --conclude --cleanup --output --input --records
            set short 'mtp'
        case trace
            set long --mem --memory --mem-high --mem-low --mem-min --swap --cpu --cpus --cpu-weight --tasks --io-weight --io-max --cpuset-cpus --cpuset-mems --oom --time --cpu-time --property --slice --name --unit --prefix --description --backend --warn-at --stop-at --leftovers --signal --grace --record --label --timeline --sample --expect --only --output
            set short 'mtpuko'
    end
    contains -- $argv[1] $long; or string match -qr -- "^-[^-$short]*[$short]\$" $argv[1]
end

# The first word of a run's command as an index into the words before the cursor; fails while
# there are only options.
function __cgscope_command_index
    set -l words (commandline -opc)
    set -l i 2
    test "$words[2]" = run; and set i 3
    while test $i -le (count $words)
        switch $words[$i]
            case --
                echo (math $i + 1)
                return
            case '-*'
                __cgscope_pending $words[$i]; and set i (math $i + 1)
            case '*'
                echo $i
                return
        end
        set i (math $i + 1)
    end
    return 1
end

# Prints the operands that were given.
function __cgscope_given
    set -l words (commandline -opc)
    set -l i 3
    while test $i -le (count $words)
        switch $words[$i]
            case '-*'
                __cgscope_pending $words[$i]; and set i (math $i + 1)
            case '*'
                echo $words[$i]
        end
        set i (math $i + 1)
    end
end

# An operand of the kind that comes after those that were given, and none of them again. The first
# argument is the kind of those that have none in the other arguments.
function __cgscope_operand
    set -l given (__cgscope_given)
    set -l kinds $argv[2..-1]
    set -l kind $kinds[(math (count $given) + 1)]
    test -n "$kind"; or set kind $argv[1]
    test $kind = none; and return
    for word in (__cgscope_"$kind"s)
        contains -- (string split -f 1 \t -- $word) $given; or echo $word
    end
end

function __cgscope_in_options
    test (__cgscope_verb) = run; and not __cgscope_command_index >/dev/null
end

function __cgscope_in
    test (__cgscope_verb) = $argv[1]
end

function __cgscope_at_verb
    test (count (commandline -opc)) -eq 1
end

# What the command would be offered by itself.
function __cgscope_command
    set -l words (commandline -opc)
    set -l i (__cgscope_command_index); or set i (math (count $words) + 1)
    set -l line
    test $i -le (count $words); and set line (string escape -- $words[$i..-1])
    complete --do-complete=(string join ' ' -- $line (commandline -ct))
end

function __cgscope_at_command
    test (__cgscope_verb) = run
    and begin
        __cgscope_command_index >/dev/null; or not string match -q -- '-*' (commandline -ct)
    end
end

# Digits, and the units that may follow them.
function __cgscope_units
    set -l digits (string match -r -- '^(?:-[^-]*|--[^=]*=)?([0-9.]*[0-9])' (commandline -ct))
    and string join \n -- $digits[2]$argv
end

function __cgscope_signals
    set -l names (string match -r -- '^[A-Z][A-Z0-9]*$' (kill -l | string split ' '))
    string join \n -- $names SIG$names
end

# The last one of a list of such names.
function __cgscope_list
    set -l before (string match -r -- '^(?:--[^=]*=)?(.*,)?' (commandline -ct))[2]
    string join \n -- "$before"$argv
end

function __cgscope_verdicts
    __cgscope_list refused exec time cpu_time pressure oomd oom tasks signal failed ok
end

function __cgscope_columns
    __cgscope_list name memory tasks state cpu pressure age command unit cgroup manager owner pid trend swap cpu-max memory-peak tasks-peak
end

function __cgscope_orders
    string join \n -- {,-}{name,memory,tasks,state,cpu,pressure,age,command,unit,cgroup,manager,owner,pid,trend,swap,cpu-max,memory-peak,tasks-peak}
end

function __cgscope_events
    string join \n -- sample tasks memory refused oom oomd pressure failed frozen empty gone fork exec exit
end

function __cgscope_kinds
    __cgscope_list sample tasks memory refused oom oomd pressure failed frozen empty gone fork exec exit
end

function __cgscope_calls
    __cgscope_list fork exec memory
end

# What is before the value.
function __cgscope_thresholds
    set -l before (string match -r -- '^(?:--[^=]*=)?' (commandline -ct))
    string join \n -- "$before"{tasks:,memory:,pressure:cpu:some:,pressure:cpu:full:,pressure:memory:some:,pressure:memory:full:,pressure:io:some:,pressure:io:full:}
end

function __cgscope_slices
    set -l words (commandline -opc)
    set -l manager --user
    if contains -- --system $words; or test (id -u) -eq 0
        set manager --system
    end
    contains -- --user $words; and set manager --user
    systemctl $manager list-units --type=slice --all --full --plain --no-legend --no-pager \
        2>/dev/null | string replace -r ' .*' ''
end

function __cgscope_scopes
    cgscope list --no-headings --output name 2>/dev/null
end

# The caller's processes, for root those of everyone. Kernel threads have no command line.
function __cgscope_pids
    set -l uid (id -u)
    for dir in (string match -r -- '^/proc/[0-9]+$' /proc/*)
        if test $uid -eq 0 -o -O $dir; and test -r $dir/cmdline
            read -l -z line <$dir/cmdline; and test -n "$line"; or continue
            read -l name <$dir/comm
            echo (string replace /proc/ '' $dir)\t(string replace -ra '[^[:print:]]' '?' -- $name)
        end
    end 2>/dev/null
end

function __cgscope_users
    __fish_complete_users
end

function __cgscope_verbs
    string join \n -- run check doctor help attach move set list status stop kill freeze thaw monitor unit explain compare fit trace
end

complete -c cgscope -n __cgscope_at_verb -f
complete -c cgscope -n __cgscope_at_verb -a run -d 'Run a command under resource limits'
complete -c cgscope -n __cgscope_at_verb -a check -d 'Show which limits apply to TARGET, and problems with them'
complete -c cgscope -n __cgscope_at_verb -a doctor -d 'Check whether this machine can enforce limits'
complete -c cgscope -n __cgscope_at_verb -a help -d 'Print help'
complete -c cgscope -n __cgscope_at_verb -a attach -d 'Put running processes and their children into a new scope'
complete -c cgscope -n __cgscope_at_verb -a move -d 'Move running processes into an existing scope'
complete -c cgscope -n __cgscope_at_verb -a set -d 'Change the limits of a running scope or unit'
complete -c cgscope -n __cgscope_at_verb -a list -d 'List the scopes that cgscope made, with usage and limits'
complete -c cgscope -n __cgscope_at_verb -a status -d 'Show the state, usage and limits of a scope'
complete -c cgscope -n __cgscope_at_verb -a stop -d 'Stop scopes: SIGTERM first, then SIGKILL'
complete -c cgscope -n __cgscope_at_verb -a kill -d 'Kill every process of the scopes, or send them another signal'
complete -c cgscope -n __cgscope_at_verb -a freeze -d 'Suspend all processes of the scopes'
complete -c cgscope -n __cgscope_at_verb -a thaw -d 'Resume frozen scopes'
complete -c cgscope -n __cgscope_at_verb -a monitor -d 'Watch cgroups, and report when limits are nearly reached or hit'
complete -c cgscope -n __cgscope_at_verb -a unit -d 'Make a service, or a drop-in for a unit, with limits that stay'
complete -c cgscope -n __cgscope_at_verb -a explain -d 'Explain why a unit or process ended, or did not start'
complete -c cgscope -n __cgscope_at_verb -a compare -d 'Run a command under several sets of limits, and compare its times'
complete -c cgscope -n __cgscope_at_verb -a fit -d 'Find the smallest limit under which a command passes'
complete -c cgscope -n __cgscope_at_verb -a trace -d 'Run a command, and show which of its calls failed under which limit'
complete -c cgscope -n __cgscope_at_command -xa '(__cgscope_command)'
complete -c cgscope -n '__cgscope_in check' -f -a '(__cgscope_operand none slice)'
complete -c cgscope -n '__cgscope_in doctor' -f
complete -c cgscope -n '__cgscope_in help' -f -a '(__cgscope_operand none verb)'
complete -c cgscope -n '__cgscope_in attach' -f -a '(__cgscope_operand pid pid)'
complete -c cgscope -n '__cgscope_in move' -f -a '(__cgscope_operand pid scope pid)'
complete -c cgscope -n '__cgscope_in set' -f -a '(__cgscope_operand none scope)'
complete -c cgscope -n '__cgscope_in list' -f -a '(__cgscope_operand none slice)'
complete -c cgscope -n '__cgscope_in status' -f -a '(__cgscope_operand none scope)'
complete -c cgscope -n '__cgscope_in stop' -f -a '(__cgscope_operand scope scope)'
complete -c cgscope -n '__cgscope_in kill' -f -a '(__cgscope_operand scope scope)'
complete -c cgscope -n '__cgscope_in freeze' -f -a '(__cgscope_operand scope scope)'
complete -c cgscope -n '__cgscope_in thaw' -f -a '(__cgscope_operand scope scope)'
complete -c cgscope -n '__cgscope_in monitor' -f -a '(__cgscope_operand scope scope)'
complete -c cgscope -n '__cgscope_in unit' -f
complete -c cgscope -n '__cgscope_in explain' -f -a '(__cgscope_operand slice slice)'
complete -c cgscope -n '__cgscope_in compare' -f
complete -c cgscope -n '__cgscope_in fit' -f
complete -c cgscope -n '__cgscope_in trace' -f

complete -c cgscope -n __cgscope_in_options -s m -l mem -l memory -xa '(__cgscope_units K M G T)' -d 'memory, and no swap unless that is given too'
complete -c cgscope -n __cgscope_in_options -l mem-high -xa '(__cgscope_units K M G T)' -d 'memory above which the command is slowed'
complete -c cgscope -n __cgscope_in_options -l mem-low -xa '(__cgscope_units K M G T)' -d 'memory that is reclaimed last'
complete -c cgscope -n __cgscope_in_options -l mem-min -xa '(__cgscope_units K M G T)' -d 'memory that is never reclaimed'
complete -c cgscope -n __cgscope_in_options -l swap -xa '(__cgscope_units K M G T)' -d 'swap space'
complete -c cgscope -n __cgscope_in_options -l cpu -l cpus -xa '(__cgscope_units %)' -d 'CPU time: 150% or 1.5 is one and a half CPUs'
complete -c cgscope -n __cgscope_in_options -l cpu-weight -xa 'idle' -d 'share of CPU time against others, 1-10000 (100)'
complete -c cgscope -n __cgscope_in_options -s t -l tasks -xa 'max' -d 'processes and threads'
complete -c cgscope -n __cgscope_in_options -l io-weight -x -d 'share of I/O against others, 1-10000 (100)'
complete -c cgscope -n __cgscope_in_options -l io-max -rF -d 'disk I/O; KEY is rbps, wbps (SIZE), riops, wiops'
complete -c cgscope -n __cgscope_in_options -l cpuset-cpus -x -d 'the CPUs it may run on: 0-3,8'
complete -c cgscope -n __cgscope_in_options -l cpuset-mems -x -d 'the memory nodes it may use'
complete -c cgscope -n __cgscope_in_options -l oom -xa 'continue kill' -d 'what running out of memory kills: a process, or all'
complete -c cgscope -n __cgscope_in_options -l time -xa '(__cgscope_units ms s min h)' -d 'end the whole group after that time'
complete -c cgscope -n __cgscope_in_options -l cpu-time -xa '(__cgscope_units ms s min h)' -d 'end the whole group after so much CPU time'
complete -c cgscope -n __cgscope_in_options -s p -l property -x -d 'set another systemd property of the scope'
complete -c cgscope -n __cgscope_in_options -l user -d 'create the scope in your user manager (default)'
complete -c cgscope -n __cgscope_in_options -l system -d 'create it in the system manager (default for root)'
complete -c cgscope -n __cgscope_in_options -l in -xa '(__cgscope_scopes)' -d 'run inside this existing scope, under its limits'
complete -c cgscope -n __cgscope_in_options -l slice -xa '(__cgscope_slices)' -d 'put the scope into this slice'
complete -c cgscope -n __cgscope_in_options -s u -l name -l unit -x -d 'name of the scope; it must not be in use'
complete -c cgscope -n __cgscope_in_options -l prefix -x -d 'name the scope PREFIX-ID (cgscope-COMMAND)'
complete -c cgscope -n __cgscope_in_options -l description -x -d 'description of the scope, shown by systemd'
complete -c cgscope -n __cgscope_in_options -l backend -xa 'auto nested systemd cgroupfs' -d 'how to create the cgroup (auto)'
complete -c cgscope -n __cgscope_in_options -l best-effort -d 'only warn if a limit cannot be enforced'
complete -c cgscope -n __cgscope_in_options -l exec -d 'become the command: same PID, no supervisor'
complete -c cgscope -n __cgscope_in_options -l warn-at -xa '(__cgscope_thresholds)' -d 'warn at thresholds such as tasks:80%, memory:1G'
complete -c cgscope -n __cgscope_in_options -l stop-at -xa '(__cgscope_thresholds)' -d 'end the run at this threshold, with status 124'
complete -c cgscope -n __cgscope_in_options -l leftovers -xa 'leave kill wait' -d 'what to do with remaining processes (leave)'
complete -c cgscope -n __cgscope_in_options -l signal -xa '(__cgscope_signals)' -d 'signal that a time limit sends first (TERM)'
complete -c cgscope -n __cgscope_in_options -s k -l grace -xa '(__cgscope_units ms s min h)' -d 'time from that signal to SIGKILL (5s)'
complete -c cgscope -n __cgscope_in_options -l summary -d 'print resource usage and limits at the end'
complete -c cgscope -n __cgscope_in_options -l progress -d 'show usage in the last line of the terminal'
complete -c cgscope -n __cgscope_in_options -l record -rF -d 'write verdict and figures as JSON; - is stdout'
complete -c cgscope -n __cgscope_in_options -l append -d 'append the record to the file as one line'
complete -c cgscope -n __cgscope_in_options -l label -x -d 'add a label to the record; may be repeated'
complete -c cgscope -n __cgscope_in_options -l processes -d 'list the processes in the record (CAP_NET_ADMIN)'
complete -c cgscope -n __cgscope_in_options -l timeline -rF -d 'draw usage over time: .svg or .html; .json, .csv'
complete -c cgscope -n __cgscope_in_options -l sample -xa '(__cgscope_units ms s min h)' -d 'time between two samples of it (100ms)'
complete -c cgscope -n __cgscope_in_options -l expect -xa '(__cgscope_verdicts)' -d 'exit with 0 if the verdict is one of these, else with 1'
complete -c cgscope -n __cgscope_in_options -l strict -d 'exit with 1, not 0, after refused forks or an OOM kill'
complete -c cgscope -n __cgscope_in_options -l exit-code -d 'exit with 128+N rather than die by the command\'s signal'
complete -c cgscope -n __cgscope_in_options -s q -l quiet -d 'do not print the verdict and notes'
complete -c cgscope -n __cgscope_in_options -s v -l verbose -d 'explain what is being done'
complete -c cgscope -n __cgscope_in_options -s h -l help -d 'print help and exit'
complete -c cgscope -n __cgscope_in_options -s V -l version -d 'print the version and exit'

complete -c cgscope -n '__cgscope_in check' -s m -l mem -l memory -xa '(__cgscope_units K M G T)' -d 'memory, and no swap unless that is given too'
complete -c cgscope -n '__cgscope_in check' -l mem-high -xa '(__cgscope_units K M G T)' -d 'memory above which the command is slowed'
complete -c cgscope -n '__cgscope_in check' -l mem-low -xa '(__cgscope_units K M G T)' -d 'memory that is reclaimed last'
complete -c cgscope -n '__cgscope_in check' -l mem-min -xa '(__cgscope_units K M G T)' -d 'memory that is never reclaimed'
complete -c cgscope -n '__cgscope_in check' -l swap -xa '(__cgscope_units K M G T)' -d 'swap space'
complete -c cgscope -n '__cgscope_in check' -l cpu -l cpus -xa '(__cgscope_units %)' -d 'CPU time: 150% or 1.5 is one and a half CPUs'
complete -c cgscope -n '__cgscope_in check' -l cpu-weight -xa 'idle' -d 'share of CPU time against others, 1-10000 (100)'
complete -c cgscope -n '__cgscope_in check' -s t -l tasks -xa 'max' -d 'processes and threads'
complete -c cgscope -n '__cgscope_in check' -l io-weight -x -d 'share of I/O against others, 1-10000 (100)'
complete -c cgscope -n '__cgscope_in check' -l io-max -rF -d 'disk I/O; KEY is rbps, wbps (SIZE), riops, wiops'
complete -c cgscope -n '__cgscope_in check' -l cpuset-cpus -x -d 'the CPUs it may run on: 0-3,8'
complete -c cgscope -n '__cgscope_in check' -l cpuset-mems -x -d 'the memory nodes it may use'
complete -c cgscope -n '__cgscope_in check' -l oom -xa 'continue kill' -d 'what running out of memory kills: a process, or all'
complete -c cgscope -n '__cgscope_in check' -l uid -xa '(__cgscope_users)' -d 'check the slice of this user (name or number)'
complete -c cgscope -n '__cgscope_in check' -l worst -d 'list cgroups with less than 10% of a limit left'
complete -c cgscope -n '__cgscope_in check' -l user -d 'TARGET is a unit of your user manager'
complete -c cgscope -n '__cgscope_in check' -l system -d 'TARGET is a unit of the system manager'
complete -c cgscope -n '__cgscope_in check' -l json -d 'print JSON'
complete -c cgscope -n '__cgscope_in check' -l color -xa 'auto always never' -d 'use colours; auto: only on a terminal'
complete -c cgscope -n '__cgscope_in check' -s h -l help -d 'print help and exit'
complete -c cgscope -n '__cgscope_in check' -s V -l version -d 'print the version and exit'

complete -c cgscope -n '__cgscope_in doctor' -s m -l mem -l memory -xa '(__cgscope_units K M G T)' -d 'memory, and no swap unless that is given too'
complete -c cgscope -n '__cgscope_in doctor' -l mem-high -xa '(__cgscope_units K M G T)' -d 'memory above which the command is slowed'
complete -c cgscope -n '__cgscope_in doctor' -l mem-low -xa '(__cgscope_units K M G T)' -d 'memory that is reclaimed last'
complete -c cgscope -n '__cgscope_in doctor' -l mem-min -xa '(__cgscope_units K M G T)' -d 'memory that is never reclaimed'
complete -c cgscope -n '__cgscope_in doctor' -l swap -xa '(__cgscope_units K M G T)' -d 'swap space'
complete -c cgscope -n '__cgscope_in doctor' -l cpu -l cpus -xa '(__cgscope_units %)' -d 'CPU time: 150% or 1.5 is one and a half CPUs'
complete -c cgscope -n '__cgscope_in doctor' -l cpu-weight -xa 'idle' -d 'share of CPU time against others, 1-10000 (100)'
complete -c cgscope -n '__cgscope_in doctor' -s t -l tasks -xa 'max' -d 'processes and threads'
complete -c cgscope -n '__cgscope_in doctor' -l io-weight -x -d 'share of I/O against others, 1-10000 (100)'
complete -c cgscope -n '__cgscope_in doctor' -l io-max -rF -d 'disk I/O; KEY is rbps, wbps (SIZE), riops, wiops'
complete -c cgscope -n '__cgscope_in doctor' -l cpuset-cpus -x -d 'the CPUs it may run on: 0-3,8'
complete -c cgscope -n '__cgscope_in doctor' -l cpuset-mems -x -d 'the memory nodes it may use'
complete -c cgscope -n '__cgscope_in doctor' -l oom -xa 'continue kill' -d 'what running out of memory kills: a process, or all'
complete -c cgscope -n '__cgscope_in doctor' -l user -d 'check your user manager (default)'
complete -c cgscope -n '__cgscope_in doctor' -l system -d 'check the system manager (default for root)'
complete -c cgscope -n '__cgscope_in doctor' -l json -d 'print JSON'
complete -c cgscope -n '__cgscope_in doctor' -l color -xa 'auto always never' -d 'use colours; auto: only on a terminal'
complete -c cgscope -n '__cgscope_in doctor' -s h -l help -d 'print help and exit'
complete -c cgscope -n '__cgscope_in doctor' -s V -l version -d 'print the version and exit'

complete -c cgscope -n '__cgscope_in help' -s h -l help -d 'print help and exit'
complete -c cgscope -n '__cgscope_in help' -s V -l version -d 'print the version and exit'

complete -c cgscope -n '__cgscope_in attach' -s m -l mem -l memory -xa '(__cgscope_units K M G T)' -d 'memory, and no swap unless that is given too'
complete -c cgscope -n '__cgscope_in attach' -l mem-high -xa '(__cgscope_units K M G T)' -d 'memory above which the command is slowed'
complete -c cgscope -n '__cgscope_in attach' -l mem-low -xa '(__cgscope_units K M G T)' -d 'memory that is reclaimed last'
complete -c cgscope -n '__cgscope_in attach' -l mem-min -xa '(__cgscope_units K M G T)' -d 'memory that is never reclaimed'
complete -c cgscope -n '__cgscope_in attach' -l swap -xa '(__cgscope_units K M G T)' -d 'swap space'
complete -c cgscope -n '__cgscope_in attach' -l cpu -l cpus -xa '(__cgscope_units %)' -d 'CPU time: 150% or 1.5 is one and a half CPUs'
complete -c cgscope -n '__cgscope_in attach' -l cpu-weight -xa 'idle' -d 'share of CPU time against others, 1-10000 (100)'
complete -c cgscope -n '__cgscope_in attach' -s t -l tasks -xa 'max' -d 'processes and threads'
complete -c cgscope -n '__cgscope_in attach' -l io-weight -x -d 'share of I/O against others, 1-10000 (100)'
complete -c cgscope -n '__cgscope_in attach' -l io-max -rF -d 'disk I/O; KEY is rbps, wbps (SIZE), riops, wiops'
complete -c cgscope -n '__cgscope_in attach' -l cpuset-cpus -x -d 'the CPUs it may run on: 0-3,8'
complete -c cgscope -n '__cgscope_in attach' -l cpuset-mems -x -d 'the memory nodes it may use'
complete -c cgscope -n '__cgscope_in attach' -l oom -xa 'continue kill' -d 'what running out of memory kills: a process, or all'
complete -c cgscope -n '__cgscope_in attach' -l time -xa '(__cgscope_units ms s min h)' -d 'end the whole group after that time'
complete -c cgscope -n '__cgscope_in attach' -s p -l property -x -d 'set another systemd property of the scope'
complete -c cgscope -n '__cgscope_in attach' -l user -d 'create the scope in your user manager (default)'
complete -c cgscope -n '__cgscope_in attach' -l system -d 'create it in the system manager (default for root)'
complete -c cgscope -n '__cgscope_in attach' -l slice -xa '(__cgscope_slices)' -d 'put the scope into this slice'
complete -c cgscope -n '__cgscope_in attach' -s u -l name -l unit -x -d 'name of the scope; it must not be in use'
complete -c cgscope -n '__cgscope_in attach' -l prefix -x -d 'name the scope PREFIX-ID (cgscope-COMMAND)'
complete -c cgscope -n '__cgscope_in attach' -l description -x -d 'description of the scope, shown by systemd'
complete -c cgscope -n '__cgscope_in attach' -l no-children -d 'do not move the processes\' children'
complete -c cgscope -n '__cgscope_in attach' -l force -d 'allow login leaders, main processes, other scopes'
complete -c cgscope -n '__cgscope_in attach' -l json -d 'print JSON'
complete -c cgscope -n '__cgscope_in attach' -s q -l quiet -d 'do not print notes'
complete -c cgscope -n '__cgscope_in attach' -s v -l verbose -d 'explain what is being done'
complete -c cgscope -n '__cgscope_in attach' -s h -l help -d 'print help and exit'
complete -c cgscope -n '__cgscope_in attach' -s V -l version -d 'print the version and exit'

complete -c cgscope -n '__cgscope_in move' -l user -d 'the scope belongs to your user manager'
complete -c cgscope -n '__cgscope_in move' -l system -d 'the scope belongs to the system manager'
complete -c cgscope -n '__cgscope_in move' -l force -d 'allow login leaders, main processes, other scopes'
complete -c cgscope -n '__cgscope_in move' -s v -l verbose -d 'explain what is being done'
complete -c cgscope -n '__cgscope_in move' -s h -l help -d 'print help and exit'
complete -c cgscope -n '__cgscope_in move' -s V -l version -d 'print the version and exit'

complete -c cgscope -n '__cgscope_in set' -s m -l mem -l memory -xa '(__cgscope_units K M G T)' -d 'memory, and no swap unless that is given too'
complete -c cgscope -n '__cgscope_in set' -l mem-high -xa '(__cgscope_units K M G T)' -d 'memory above which the command is slowed'
complete -c cgscope -n '__cgscope_in set' -l mem-low -xa '(__cgscope_units K M G T)' -d 'memory that is reclaimed last'
complete -c cgscope -n '__cgscope_in set' -l mem-min -xa '(__cgscope_units K M G T)' -d 'memory that is never reclaimed'
complete -c cgscope -n '__cgscope_in set' -l swap -xa '(__cgscope_units K M G T)' -d 'swap space'
complete -c cgscope -n '__cgscope_in set' -l cpu -l cpus -xa '(__cgscope_units %)' -d 'CPU time: 150% or 1.5 is one and a half CPUs'
complete -c cgscope -n '__cgscope_in set' -l cpu-weight -xa 'idle' -d 'share of CPU time against others, 1-10000 (100)'
complete -c cgscope -n '__cgscope_in set' -s t -l tasks -xa 'max' -d 'processes and threads'
complete -c cgscope -n '__cgscope_in set' -l io-weight -x -d 'share of I/O against others, 1-10000 (100)'
complete -c cgscope -n '__cgscope_in set' -l io-max -rF -d 'disk I/O; KEY is rbps, wbps (SIZE), riops, wiops'
complete -c cgscope -n '__cgscope_in set' -l cpuset-cpus -x -d 'the CPUs it may run on: 0-3,8'
complete -c cgscope -n '__cgscope_in set' -l cpuset-mems -x -d 'the memory nodes it may use'
complete -c cgscope -n '__cgscope_in set' -l oom -xa 'continue kill' -d 'what running out of memory kills: a process, or all'
complete -c cgscope -n '__cgscope_in set' -s p -l property -x -d 'set another systemd property of the scope'
complete -c cgscope -n '__cgscope_in set' -l user -d 'the scope belongs to your user manager'
complete -c cgscope -n '__cgscope_in set' -l system -d 'the scope belongs to the system manager'
complete -c cgscope -n '__cgscope_in set' -l unlimited -d 'take off all limits but those that are given'
complete -c cgscope -n '__cgscope_in set' -l persistent -d 'keep the change across reboots; not for scopes'
complete -c cgscope -n '__cgscope_in set' -l reclaim -xa '(__cgscope_units ms s min h)' -d 'time to reclaim memory before limiting it (10s)'
complete -c cgscope -n '__cgscope_in set' -l json -d 'print JSON'
complete -c cgscope -n '__cgscope_in set' -s q -l quiet -d 'do not print how long the change lasts'
complete -c cgscope -n '__cgscope_in set' -s v -l verbose -d 'show the old and the new values'
complete -c cgscope -n '__cgscope_in set' -s h -l help -d 'print help and exit'
complete -c cgscope -n '__cgscope_in set' -s V -l version -d 'print the version and exit'

complete -c cgscope -n '__cgscope_in list' -l any -d 'list all scopes, whoever made them'
complete -c cgscope -n '__cgscope_in list' -l user -d 'list only scopes of your user manager'
complete -c cgscope -n '__cgscope_in list' -l system -d 'list only scopes of the system manager'
complete -c cgscope -n '__cgscope_in list' -s o -l output -xa '(__cgscope_columns)' -d 'columns to show; \'-o help\' lists them'
complete -c cgscope -n '__cgscope_in list' -l sort -xa '(__cgscope_orders)' -d 'sort by this column (name), largest first; - reverses it'
complete -c cgscope -n '__cgscope_in list' -l tree -d 'show nested runs below their scope'
complete -c cgscope -n '__cgscope_in list' -s n -l no-headings -d 'do not print column headings'
complete -c cgscope -n '__cgscope_in list' -l watch -fa '(__cgscope_units ms s min h)' -d 'show it again every second; --watch=5s: every 5 s'
complete -c cgscope -n '__cgscope_in list' -l json -d 'print JSON'
complete -c cgscope -n '__cgscope_in list' -l color -xa 'auto always never' -d 'use colours; auto: only on a terminal'
complete -c cgscope -n '__cgscope_in list' -s h -l help -d 'print help and exit'
complete -c cgscope -n '__cgscope_in list' -s V -l version -d 'print the version and exit'

complete -c cgscope -n '__cgscope_in status' -l user -d 'the scope belongs to your user manager'
complete -c cgscope -n '__cgscope_in status' -l system -d 'the scope belongs to the system manager'
complete -c cgscope -n '__cgscope_in status' -l watch -fa '(__cgscope_units ms s min h)' -d 'show it again every second; --watch=5s: every 5 s'
complete -c cgscope -n '__cgscope_in status' -l json -d 'print JSON'
complete -c cgscope -n '__cgscope_in status' -s h -l help -d 'print help and exit'
complete -c cgscope -n '__cgscope_in status' -s V -l version -d 'print the version and exit'

complete -c cgscope -n '__cgscope_in stop' -l user -d 'only scopes of your user manager'
complete -c cgscope -n '__cgscope_in stop' -l system -d 'only scopes of the system manager'
complete -c cgscope -n '__cgscope_in stop' -l all -d 'all scopes that cgscope made for you'
complete -c cgscope -n '__cgscope_in stop' -l failed -d 'clear failed scopes that cgscope made'
complete -c cgscope -n '__cgscope_in stop' -l force -d 'include other units, and what cgscope itself runs in'
complete -c cgscope -n '__cgscope_in stop' -l signal -xa '(__cgscope_signals)' -d 'signal to send first (TERM)'
complete -c cgscope -n '__cgscope_in stop' -s k -l grace -xa '(__cgscope_units ms s min h)' -d 'time from that signal to SIGKILL (5s)'
complete -c cgscope -n '__cgscope_in stop' -l timeout -xa '(__cgscope_units ms s min h)' -d 'give up after this time (60s)'
complete -c cgscope -n '__cgscope_in stop' -s v -l verbose -d 'print what was done to each scope'
complete -c cgscope -n '__cgscope_in stop' -s h -l help -d 'print help and exit'
complete -c cgscope -n '__cgscope_in stop' -s V -l version -d 'print the version and exit'

complete -c cgscope -n '__cgscope_in kill' -l user -d 'only scopes of your user manager'
complete -c cgscope -n '__cgscope_in kill' -l system -d 'only scopes of the system manager'
complete -c cgscope -n '__cgscope_in kill' -l all -d 'all scopes that cgscope made for you'
complete -c cgscope -n '__cgscope_in kill' -l force -d 'include other units, and what cgscope itself runs in'
complete -c cgscope -n '__cgscope_in kill' -l signal -xa '(__cgscope_signals)' -d 'signal to send, without waiting (KILL)'
complete -c cgscope -n '__cgscope_in kill' -l timeout -xa '(__cgscope_units ms s min h)' -d 'give up after this time (60s)'
complete -c cgscope -n '__cgscope_in kill' -s v -l verbose -d 'print what was done to each scope'
complete -c cgscope -n '__cgscope_in kill' -s h -l help -d 'print help and exit'
complete -c cgscope -n '__cgscope_in kill' -s V -l version -d 'print the version and exit'

complete -c cgscope -n '__cgscope_in freeze' -l user -d 'only scopes of your user manager'
complete -c cgscope -n '__cgscope_in freeze' -l system -d 'only scopes of the system manager'
complete -c cgscope -n '__cgscope_in freeze' -l all -d 'all scopes that cgscope made for you'
complete -c cgscope -n '__cgscope_in freeze' -l force -d 'include other units, and what cgscope itself runs in'
complete -c cgscope -n '__cgscope_in freeze' -l timeout -xa '(__cgscope_units ms s min h)' -d 'give up after this time (60s)'
complete -c cgscope -n '__cgscope_in freeze' -s v -l verbose -d 'print what was done to each scope'
complete -c cgscope -n '__cgscope_in freeze' -s h -l help -d 'print help and exit'
complete -c cgscope -n '__cgscope_in freeze' -s V -l version -d 'print the version and exit'

complete -c cgscope -n '__cgscope_in thaw' -l user -d 'only scopes of your user manager'
complete -c cgscope -n '__cgscope_in thaw' -l system -d 'only scopes of the system manager'
complete -c cgscope -n '__cgscope_in thaw' -l all -d 'all scopes that cgscope made for you'
complete -c cgscope -n '__cgscope_in thaw' -l timeout -xa '(__cgscope_units ms s min h)' -d 'give up after this time (60s)'
complete -c cgscope -n '__cgscope_in thaw' -s v -l verbose -d 'print what was done to each scope'
complete -c cgscope -n '__cgscope_in thaw' -s h -l help -d 'print help and exit'
complete -c cgscope -n '__cgscope_in thaw' -s V -l version -d 'print the version and exit'

complete -c cgscope -n '__cgscope_in monitor' -l all -d 'all scopes that cgscope made, including new ones'
complete -c cgscope -n '__cgscope_in monitor' -l uid -xa '(__cgscope_users)' -d 'watch the slice of this user (name or number)'
complete -c cgscope -n '__cgscope_in monitor' -l user -d 'TARGET is a unit of your user manager'
complete -c cgscope -n '__cgscope_in monitor' -l system -d 'TARGET is a unit of the system manager'
complete -c cgscope -n '__cgscope_in monitor' -l warn-at -xa '(__cgscope_thresholds)' -d 'report thresholds such as tasks:80%, memory:1G'
complete -c cgscope -n '__cgscope_in monitor' -l interval -xa '(__cgscope_units ms s min h)' -d 'print the usage at this interval'
complete -c cgscope -n '__cgscope_in monitor' -l count -x -d 'exit after N samples'
complete -c cgscope -n '__cgscope_in monitor' -l on -xa '(__cgscope_kinds)' -d 'report, and run the hook for, these kinds alone'
complete -c cgscope -n '__cgscope_in monitor' -l until -xa '(__cgscope_events)' -d 'exit with 0 at an event of this kind, else with 1'
complete -c cgscope -n '__cgscope_in monitor' -l timeout -xa '(__cgscope_units ms s min h)' -d 'exit with 124 after this time'
complete -c cgscope -n '__cgscope_in monitor' -l hook -x -d 'run with sh for each event, its JSON on stdin'
complete -c cgscope -n '__cgscope_in monitor' -l hook-timeout -xa '(__cgscope_units ms s min h)' -d 'kill a hook after this time (30s)'
complete -c cgscope -n '__cgscope_in monitor' -l openmetrics -rF -d 'write metrics for Prometheus\' node_exporter'
complete -c cgscope -n '__cgscope_in monitor' -l processes -d 'report forks, execs and exits too (CAP_NET_ADMIN)'
complete -c cgscope -n '__cgscope_in monitor' -l json -d 'print JSON'
complete -c cgscope -n '__cgscope_in monitor' -s v -l verbose -d 'explain what is being done'
complete -c cgscope -n '__cgscope_in monitor' -s h -l help -d 'print help and exit'
complete -c cgscope -n '__cgscope_in monitor' -s V -l version -d 'print the version and exit'

complete -c cgscope -n '__cgscope_in unit' -s m -l mem -l memory -xa '(__cgscope_units K M G T)' -d 'memory, and no swap unless that is given too'
complete -c cgscope -n '__cgscope_in unit' -l mem-high -xa '(__cgscope_units K M G T)' -d 'memory above which the command is slowed'
complete -c cgscope -n '__cgscope_in unit' -l mem-low -xa '(__cgscope_units K M G T)' -d 'memory that is reclaimed last'
complete -c cgscope -n '__cgscope_in unit' -l mem-min -xa '(__cgscope_units K M G T)' -d 'memory that is never reclaimed'
complete -c cgscope -n '__cgscope_in unit' -l swap -xa '(__cgscope_units K M G T)' -d 'swap space'
complete -c cgscope -n '__cgscope_in unit' -l cpu -l cpus -xa '(__cgscope_units %)' -d 'CPU time: 150% or 1.5 is one and a half CPUs'
complete -c cgscope -n '__cgscope_in unit' -l cpu-weight -xa 'idle' -d 'share of CPU time against others, 1-10000 (100)'
complete -c cgscope -n '__cgscope_in unit' -s t -l tasks -xa 'max' -d 'processes and threads'
complete -c cgscope -n '__cgscope_in unit' -l io-weight -x -d 'share of I/O against others, 1-10000 (100)'
complete -c cgscope -n '__cgscope_in unit' -l io-max -rF -d 'disk I/O; KEY is rbps, wbps (SIZE), riops, wiops'
complete -c cgscope -n '__cgscope_in unit' -l cpuset-cpus -x -d 'the CPUs it may run on: 0-3,8'
complete -c cgscope -n '__cgscope_in unit' -l cpuset-mems -x -d 'the memory nodes it may use'
complete -c cgscope -n '__cgscope_in unit' -l oom -xa 'continue kill' -d 'what running out of memory kills: a process, or all'
complete -c cgscope -n '__cgscope_in unit' -l time -xa '(__cgscope_units ms s min h)' -d 'end the whole group after that time'
complete -c cgscope -n '__cgscope_in unit' -s p -l property -x -d 'add another line of a unit file'
complete -c cgscope -n '__cgscope_in unit' -l delegate -x -d 'let the service limit its own processes: all, or cpu,memory'
complete -c cgscope -n '__cgscope_in unit' -l install -d 'write the file, and let the manager load it'
complete -c cgscope -n '__cgscope_in unit' -l start -d 'start it or start it again, and read the limits back'
complete -c cgscope -n '__cgscope_in unit' -l remove -d 'remove the file again'
complete -c cgscope -n '__cgscope_in unit' -l force -d 'even if somebody changed the file since'
complete -c cgscope -n '__cgscope_in unit' -l user -d 'a unit of your user manager (default)'
complete -c cgscope -n '__cgscope_in unit' -l system -d 'a unit of the system manager (default for root)'
complete -c cgscope -n '__cgscope_in unit' -l global -d 'a unit of the managers of all users'
complete -c cgscope -n '__cgscope_in unit' -l runtime -d 'until the next boot'
complete -c cgscope -n '__cgscope_in unit' -l name -x -d 'file name of a drop-in (50-cgscope)'
complete -c cgscope -n '__cgscope_in unit' -l as -xa 'systemd quadlet' -d 'a service, or a container\'s file for podman'
complete -c cgscope -n '__cgscope_in unit' -l description -x -d 'description of the service, shown by systemd'
complete -c cgscope -n '__cgscope_in unit' -l directory -rF -d 'directory that the command starts in'
complete -c cgscope -n '__cgscope_in unit' -l env-file -rF -d 'file with environment variables'
complete -c cgscope -n '__cgscope_in unit' -l restart -x -d 'when systemd starts it again: on-failure, always'
complete -c cgscope -n '__cgscope_in unit' -l specifiers -d 'leave % and $ in the command to systemd'
complete -c cgscope -n '__cgscope_in unit' -l json -d 'print JSON'
complete -c cgscope -n '__cgscope_in unit' -s v -l verbose -d 'explain what is being done'
complete -c cgscope -n '__cgscope_in unit' -s h -l help -d 'print help and exit'
complete -c cgscope -n '__cgscope_in unit' -s V -l version -d 'print the version and exit'

complete -c cgscope -n '__cgscope_in explain' -l user -d 'TARGET is a unit of your user manager'
complete -c cgscope -n '__cgscope_in explain' -l system -d 'TARGET is a unit of the system manager'
complete -c cgscope -n '__cgscope_in explain' -l since -x -d 'go back to 1h ago, 12:30, 2026-01-31 12:30, ... (boot)'
complete -c cgscope -n '__cgscope_in explain' -l until -x -d 'leave out what is newer'
complete -c cgscope -n '__cgscope_in explain' -l lives -x -d 'explain the last N starts, newest first; all: each (1)'
complete -c cgscope -n '__cgscope_in explain' -l invocation -x -d 'explain the start with this invocation id'
complete -c cgscope -n '__cgscope_in explain' -l lines -x -d 'show the last N lines that the unit printed (5)'
complete -c cgscope -n '__cgscope_in explain' -l env -d 'show what the unit has or lacks beside your shell'
complete -c cgscope -n '__cgscope_in explain' -l start -d 'show where the time of the last start went'
complete -c cgscope -n '__cgscope_in explain' -s v -l verbose -d 'show all that was found, also what tells nothing'
complete -c cgscope -n '__cgscope_in explain' -l json -d 'print JSON'
complete -c cgscope -n '__cgscope_in explain' -l color -xa 'auto always never' -d 'use colours; auto: only on a terminal'
complete -c cgscope -n '__cgscope_in explain' -s h -l help -d 'print help and exit'
complete -c cgscope -n '__cgscope_in explain' -s V -l version -d 'print the version and exit'

complete -c cgscope -n '__cgscope_in compare' -s m -l mem -l memory -xa '(__cgscope_units K M G T)' -d 'memory, and no swap unless that is given too'
complete -c cgscope -n '__cgscope_in compare' -l mem-high -xa '(__cgscope_units K M G T)' -d 'memory above which the command is slowed'
complete -c cgscope -n '__cgscope_in compare' -l mem-low -xa '(__cgscope_units K M G T)' -d 'memory that is reclaimed last'
complete -c cgscope -n '__cgscope_in compare' -l mem-min -xa '(__cgscope_units K M G T)' -d 'memory that is never reclaimed'
complete -c cgscope -n '__cgscope_in compare' -l swap -xa '(__cgscope_units K M G T)' -d 'swap space'
complete -c cgscope -n '__cgscope_in compare' -l cpu -l cpus -xa '(__cgscope_units %)' -d 'CPU time: 150% or 1.5 is one and a half CPUs'
complete -c cgscope -n '__cgscope_in compare' -l cpu-weight -xa 'idle' -d 'share of CPU time against others, 1-10000 (100)'
complete -c cgscope -n '__cgscope_in compare' -s t -l tasks -xa 'max' -d 'processes and threads'
complete -c cgscope -n '__cgscope_in compare' -l io-weight -x -d 'share of I/O against others, 1-10000 (100)'
complete -c cgscope -n '__cgscope_in compare' -l io-max -rF -d 'disk I/O; KEY is rbps, wbps (SIZE), riops, wiops'
complete -c cgscope -n '__cgscope_in compare' -l cpuset-cpus -x -d 'the CPUs it may run on: 0-3,8'
complete -c cgscope -n '__cgscope_in compare' -l cpuset-mems -x -d 'the memory nodes it may use'
complete -c cgscope -n '__cgscope_in compare' -l oom -xa 'continue kill' -d 'what running out of memory kills: a process, or all'
complete -c cgscope -n '__cgscope_in compare' -l time -xa '(__cgscope_units ms s min h)' -d 'end the whole group after that time'
complete -c cgscope -n '__cgscope_in compare' -l cpu-time -xa '(__cgscope_units ms s min h)' -d 'end the whole group after so much CPU time'
complete -c cgscope -n '__cgscope_in compare' -s p -l property -x -d 'set another systemd property of the scope'
complete -c cgscope -n '__cgscope_in compare' -l vs -d 'begin another set of limits'
complete -c cgscope -n '__cgscope_in compare' -s n -l rounds -x -d 'run each set N times, once a round (10)'
complete -c cgscope -n '__cgscope_in compare' -s w -l warmup -x -d 'rounds before that, which do not count (1)'
complete -c cgscope -n '__cgscope_in compare' -l budget -xa '(__cgscope_units ms s min h)' -d 'stop after the round in which it is used up'
complete -c cgscope -n '__cgscope_in compare' -l reference -x -d 'compare with the Nth set (1)'
complete -c cgscope -n '__cgscope_in compare' -l tolerance -xa '(__cgscope_units %)' -d 'differences below it count as none (5%)'
complete -c cgscope -n '__cgscope_in compare' -l max-slowdown -x -d 'exit with 1 if a set is shown to be slower than that'
complete -c cgscope -n '__cgscope_in compare' -l order -xa 'random fixed grouped' -d 'of the sets within a round; grouped: no rounds (random)'
complete -c cgscope -n '__cgscope_in compare' -l seed -x -d 'repeat the random order of that seed'
complete -c cgscope -n '__cgscope_in compare' -l export -rF -d 'also write .json, .csv, .md, .svg, .html; may be repeated'
complete -c cgscope -n '__cgscope_in compare' -l from -rF -d 'run nothing, show an exported .json; may be repeated'
complete -c cgscope -n '__cgscope_in compare' -l json -d 'print JSON'
complete -c cgscope -n '__cgscope_in compare' -l color -xa 'auto always never' -d 'use colours; auto: only on a terminal'
complete -c cgscope -n '__cgscope_in compare' -l setup -x -d 'run this by sh -c once, before all runs'
complete -c cgscope -n '__cgscope_in compare' -l prepare -x -d 'the same before each run'
complete -c cgscope -n '__cgscope_in compare' -l conclude -x -d 'the same after each run'
complete -c cgscope -n '__cgscope_in compare' -l cleanup -x -d 'the same at the end, in any case'
complete -c cgscope -n '__cgscope_in compare' -l output -rF -d 'where its output goes: null, pipe, inherit or a file (null)'
complete -c cgscope -n '__cgscope_in compare' -l input -rF -d 'what it reads (nothing)'
complete -c cgscope -n '__cgscope_in compare' -l records -rF -d 'write the record of each run, a line of JSON each'
complete -c cgscope -n '__cgscope_in compare' -l user -d 'use your user manager (default)'
complete -c cgscope -n '__cgscope_in compare' -l system -d 'use the system manager (default for root)'
complete -c cgscope -n '__cgscope_in compare' -s q -l quiet -d 'print the result alone'
complete -c cgscope -n '__cgscope_in compare' -s v -l verbose -d 'explain what is being done'
complete -c cgscope -n '__cgscope_in compare' -s h -l help -d 'print help and exit'
complete -c cgscope -n '__cgscope_in compare' -s V -l version -d 'print the version and exit'

complete -c cgscope -n '__cgscope_in fit' -s m -l mem -l memory -xa '(__cgscope_units K M G T)' -d 'memory, and no swap unless that is given too'
complete -c cgscope -n '__cgscope_in fit' -l mem-high -xa '(__cgscope_units K M G T)' -d 'memory above which the command is slowed'
complete -c cgscope -n '__cgscope_in fit' -l mem-low -xa '(__cgscope_units K M G T)' -d 'memory that is reclaimed last'
complete -c cgscope -n '__cgscope_in fit' -l mem-min -xa '(__cgscope_units K M G T)' -d 'memory that is never reclaimed'
complete -c cgscope -n '__cgscope_in fit' -l swap -xa '(__cgscope_units K M G T)' -d 'swap space'
complete -c cgscope -n '__cgscope_in fit' -l cpu -l cpus -xa '(__cgscope_units %)' -d 'CPU time: 150% or 1.5 is one and a half CPUs'
complete -c cgscope -n '__cgscope_in fit' -l cpu-weight -xa 'idle' -d 'share of CPU time against others, 1-10000 (100)'
complete -c cgscope -n '__cgscope_in fit' -s t -l tasks -xa 'max' -d 'processes and threads'
complete -c cgscope -n '__cgscope_in fit' -l io-weight -x -d 'share of I/O against others, 1-10000 (100)'
complete -c cgscope -n '__cgscope_in fit' -l io-max -rF -d 'disk I/O; KEY is rbps, wbps (SIZE), riops, wiops'
complete -c cgscope -n '__cgscope_in fit' -l cpuset-cpus -x -d 'the CPUs it may run on: 0-3,8'
complete -c cgscope -n '__cgscope_in fit' -l cpuset-mems -x -d 'the memory nodes it may use'
complete -c cgscope -n '__cgscope_in fit' -l oom -xa 'continue kill' -d 'what running out of memory kills: a process, or all'
complete -c cgscope -n '__cgscope_in fit' -l time -xa '(__cgscope_units ms s min h)' -d 'end the whole group after that time'
complete -c cgscope -n '__cgscope_in fit' -l cpu-time -xa '(__cgscope_units ms s min h)' -d 'end the whole group after so much CPU time'
complete -c cgscope -n '__cgscope_in fit' -s p -l property -x -d 'set another systemd property of the scope'
complete -c cgscope -n '__cgscope_in fit' -l find -x -d 'memory, tasks or cpu, or memory:LOW..HIGH (memory)'
complete -c cgscope -n '__cgscope_in fit' -l baseline -x -d 'runs without it before, all of which have to pass (3)'
complete -c cgscope -n '__cgscope_in fit' -l confirm -x -d 'runs under the limit found, all of which have to pass (10)'
complete -c cgscope -n '__cgscope_in fit' -l max-slowdown -x -d 'slower runs do not pass; none: they do (1.5)'
complete -c cgscope -n '__cgscope_in fit' -l failures -xa 'proven any' -d 'which failures count against a limit (proven)'
complete -c cgscope -n '__cgscope_in fit' -l allow-refused -d 'refused forks do not count if the command ends with 0'
complete -c cgscope -n '__cgscope_in fit' -l precision -xa '(__cgscope_units %)' -d 'the smallest difference that is looked for (3%)'
complete -c cgscope -n '__cgscope_in fit' -l margin -xa '(__cgscope_units %)' -d 'what is added for the advice (20%)'
complete -c cgscope -n '__cgscope_in fit' -l max-runs -x -d 'give up after so many runs (100)'
complete -c cgscope -n '__cgscope_in fit' -l budget -xa '(__cgscope_units ms s min h)' -d 'give up after that time'
complete -c cgscope -n '__cgscope_in fit' -l as -xa 'flags dropin unit docker podman kubernetes systemd-run slurm' -d 'print the advice alone, in these words'
complete -c cgscope -n '__cgscope_in fit' -l export -rF -d 'also write .json, .svg or .html; may be repeated'
complete -c cgscope -n '__cgscope_in fit' -l json -d 'print JSON'
complete -c cgscope -n '__cgscope_in fit' -l setup -x -d 'run this by sh -c once, before all runs'
complete -c cgscope -n '__cgscope_in fit' -l prepare -x -d 'the same before each run'
complete -c cgscope -n '__cgscope_in fit' -l conclude -x -d 'the same after each run'
complete -c cgscope -n '__cgscope_in fit' -l cleanup -x -d 'the same at the end, in any case'
complete -c cgscope -n '__cgscope_in fit' -l output -rF -d 'where its output goes: null, pipe, inherit or a file (null)'
complete -c cgscope -n '__cgscope_in fit' -l input -rF -d 'what it reads (nothing)'
complete -c cgscope -n '__cgscope_in fit' -l records -rF -d 'write the record of each run, a line of JSON each'
complete -c cgscope -n '__cgscope_in fit' -l user -d 'use your user manager (default)'
complete -c cgscope -n '__cgscope_in fit' -l system -d 'use the system manager (default for root)'
complete -c cgscope -n '__cgscope_in fit' -s q -l quiet -d 'print the result alone'
complete -c cgscope -n '__cgscope_in fit' -s v -l verbose -d 'explain what is being done'
complete -c cgscope -n '__cgscope_in fit' -s h -l help -d 'print help and exit'
complete -c cgscope -n '__cgscope_in fit' -s V -l version -d 'print the version and exit'

complete -c cgscope -n '__cgscope_in trace' -s m -l mem -l memory -xa '(__cgscope_units K M G T)' -d 'memory, and no swap unless that is given too'
complete -c cgscope -n '__cgscope_in trace' -l mem-high -xa '(__cgscope_units K M G T)' -d 'memory above which the command is slowed'
complete -c cgscope -n '__cgscope_in trace' -l mem-low -xa '(__cgscope_units K M G T)' -d 'memory that is reclaimed last'
complete -c cgscope -n '__cgscope_in trace' -l mem-min -xa '(__cgscope_units K M G T)' -d 'memory that is never reclaimed'
complete -c cgscope -n '__cgscope_in trace' -l swap -xa '(__cgscope_units K M G T)' -d 'swap space'
complete -c cgscope -n '__cgscope_in trace' -l cpu -l cpus -xa '(__cgscope_units %)' -d 'CPU time: 150% or 1.5 is one and a half CPUs'
complete -c cgscope -n '__cgscope_in trace' -l cpu-weight -xa 'idle' -d 'share of CPU time against others, 1-10000 (100)'
complete -c cgscope -n '__cgscope_in trace' -s t -l tasks -xa 'max' -d 'processes and threads'
complete -c cgscope -n '__cgscope_in trace' -l io-weight -x -d 'share of I/O against others, 1-10000 (100)'
complete -c cgscope -n '__cgscope_in trace' -l io-max -rF -d 'disk I/O; KEY is rbps, wbps (SIZE), riops, wiops'
complete -c cgscope -n '__cgscope_in trace' -l cpuset-cpus -x -d 'the CPUs it may run on: 0-3,8'
complete -c cgscope -n '__cgscope_in trace' -l cpuset-mems -x -d 'the memory nodes it may use'
complete -c cgscope -n '__cgscope_in trace' -l oom -xa 'continue kill' -d 'what running out of memory kills: a process, or all'
complete -c cgscope -n '__cgscope_in trace' -l time -xa '(__cgscope_units ms s min h)' -d 'end the whole group after that time'
complete -c cgscope -n '__cgscope_in trace' -l cpu-time -xa '(__cgscope_units ms s min h)' -d 'end the whole group after so much CPU time'
complete -c cgscope -n '__cgscope_in trace' -s p -l property -x -d 'set another systemd property of the scope'
complete -c cgscope -n '__cgscope_in trace' -l user -d 'create the scope in your user manager (default)'
complete -c cgscope -n '__cgscope_in trace' -l system -d 'create it in the system manager (default for root)'
complete -c cgscope -n '__cgscope_in trace' -l slice -xa '(__cgscope_slices)' -d 'put the scope into this slice'
complete -c cgscope -n '__cgscope_in trace' -s u -l name -l unit -x -d 'name of the scope; it must not be in use'
complete -c cgscope -n '__cgscope_in trace' -l prefix -x -d 'name the scope PREFIX-ID (cgscope-COMMAND)'
complete -c cgscope -n '__cgscope_in trace' -l description -x -d 'description of the scope, shown by systemd'
complete -c cgscope -n '__cgscope_in trace' -l backend -xa 'auto nested systemd cgroupfs' -d 'how to create the cgroup (auto)'
complete -c cgscope -n '__cgscope_in trace' -l best-effort -d 'only warn if a limit cannot be enforced'
complete -c cgscope -n '__cgscope_in trace' -l warn-at -xa '(__cgscope_thresholds)' -d 'warn at thresholds such as tasks:80%, memory:1G'
complete -c cgscope -n '__cgscope_in trace' -l stop-at -xa '(__cgscope_thresholds)' -d 'end the run at this threshold, with status 124'
complete -c cgscope -n '__cgscope_in trace' -l leftovers -xa 'leave kill wait' -d 'what to do with remaining processes (leave)'
complete -c cgscope -n '__cgscope_in trace' -l signal -xa '(__cgscope_signals)' -d 'signal that a time limit sends first (TERM)'
complete -c cgscope -n '__cgscope_in trace' -s k -l grace -xa '(__cgscope_units ms s min h)' -d 'time from that signal to SIGKILL (5s)'
complete -c cgscope -n '__cgscope_in trace' -l summary -d 'print resource usage and limits at the end'
complete -c cgscope -n '__cgscope_in trace' -l record -rF -d 'write verdict and figures as JSON; - is stdout'
complete -c cgscope -n '__cgscope_in trace' -l append -d 'append the record to the file as one line'
complete -c cgscope -n '__cgscope_in trace' -l label -x -d 'add a label to the record; may be repeated'
complete -c cgscope -n '__cgscope_in trace' -l processes -d 'list the processes in the record (CAP_NET_ADMIN)'
complete -c cgscope -n '__cgscope_in trace' -l timeline -rF -d 'draw usage over time: .svg or .html; .json, .csv'
complete -c cgscope -n '__cgscope_in trace' -l sample -xa '(__cgscope_units ms s min h)' -d 'time between two samples of it (100ms)'
complete -c cgscope -n '__cgscope_in trace' -l expect -xa '(__cgscope_verdicts)' -d 'exit with 0 if the verdict is one of these, else with 1'
complete -c cgscope -n '__cgscope_in trace' -l strict -d 'exit with 1, not 0, after refused forks or an OOM kill'
complete -c cgscope -n '__cgscope_in trace' -l exit-code -d 'exit with 128+N rather than die by the command\'s signal'
complete -c cgscope -n '__cgscope_in trace' -s q -l quiet -d 'do not print the verdict and notes'
complete -c cgscope -n '__cgscope_in trace' -s v -l verbose -d 'explain what is being done'
complete -c cgscope -n '__cgscope_in trace' -l only -xa '(__cgscope_calls)' -d 'trace these calls alone: fork, exec, memory (all)'
complete -c cgscope -n '__cgscope_in trace' -l unfolded -d 'also show searches in PATH and what worked later'
complete -c cgscope -n '__cgscope_in trace' -l follow -d 'tell of each failure on stderr when it happens'
complete -c cgscope -n '__cgscope_in trace' -s o -l output -rF -d 'write the report there; - is stdout, after the end'
complete -c cgscope -n '__cgscope_in trace' -l json -d 'report as JSON, on stdout without -o'
complete -c cgscope -n '__cgscope_in trace' -l fail -d 'exit with 1, not 0, if anything is reported'
complete -c cgscope -n '__cgscope_in trace' -s h -l help -d 'print help and exit'
complete -c cgscope -n '__cgscope_in trace' -s V -l version -d 'print the version and exit'
