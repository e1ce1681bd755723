p() { printf '%b' "$1\033[0m"; }
printf '\033]0;styles\007'
p '\033[1;38;5;75m  synk\033[0m  every cell drawn on the GPU\n\n'
p '  \033[1mbold\033[0m  \033[2mdim\033[0m  \033[3mitalic\033[0m  \033[1;3mboth\033[0m  \033[7m reverse \033[0m  \033[9mstrike\033[0m\n\n'
p '  \033[4msingle\033[0m  \033[4:2mdouble\033[0m  \033[4:3;58;5;203mcurly\033[0m  \033[4:4;58;5;78mdotted\033[0m  \033[4:5;58;5;75mdashed\033[0m\n\n'
p '  combining: e\0314\0201 n\0314\0203 a\0314\0212 o\0314\0210  \033[38;5;180mąćęłńśźż  αβγδ  жзик\033[0m\n\n'
p '  emoji: 🚀 🦀 ✅ 📦 🎉 🔥 💡 🌈\n\n'
p '  \033[38;5;244m$\033[0m echo "one window, twelve shells"\n'
p '  one window, twelve shells\n'
printf '\033[?25l'
read -r end
