export MODEL=moonshot-v1-auto
# export MODEL=moonshot-v1-128k-vision-preview
: "${MOONSHOT_KEY:?set MOONSHOT_KEY}"
