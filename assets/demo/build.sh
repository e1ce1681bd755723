printf '\033]0;build\007'
for c in base model protocol engine session host render app; do
  printf '\033[1;32m   Compiling\033[0m %s\n' "$c"
done
printf '\033[1;33mwarning\033[0m\033[1m: a quiet machine\033[0m\n'
printf '  \033[1;34m-->\033[0m src/base/deadline.rs:7:1\n   \033[1;34m|\033[0m\n'
printf '\033[1;34m 7 |\033[0m nothing pending, nothing woken\n   \033[1;34m|\033[0m \033[1;33m^^^^^^^^^^^^^^^\033[0m\n'
printf '\033[1;32m    Finished\033[0m `release` profile [optimized]\n'
printf '\033[1;32m     Running\033[0m tests\n'
printf 'test \033[36mnothing dies with the window\033[0m ... \033[32mok\033[0m\n'
printf '\033[?25l'
read -r end
