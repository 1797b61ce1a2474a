resource "aws_sagemaker_model" "letters" {
  name               = "letters"
  execution_role_arn = aws_iam_role.agent.arn
  primary_container {
    image = "123456789012.dkr.ecr.eu-west-1.amazonaws.com/huggingface-pytorch-tgi-inference:2.4.0-tgi2.4.0"
    environment = {
      HF_MODEL_ID      = "mistralai/Mistral-7B-Instruct-v0.3"
      SM_NUM_GPUS      = "1"
      MAX_INPUT_LENGTH = "4096"
    }
  }
}
