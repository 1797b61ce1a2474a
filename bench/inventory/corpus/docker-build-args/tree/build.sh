#!/bin/sh
docker build -t registry.birch.example/tgi:1 --build-arg MODEL_ID=internlm/internlm3-8b-instruct .
docker build -t registry.birch.example/complete:1 autocomplete
