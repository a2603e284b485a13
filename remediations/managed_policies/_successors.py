"""What AWS's documentation names in the place of policies that it has retired, with the path."""

from collections.abc import Mapping

SUCCESSORS: Mapping[str, str] = {
    # https://docs.aws.amazon.com/lambda/latest/dg/security-iam-awsmanpol.html
    "AWSLambdaFullAccess": "AWSLambda_FullAccess",
    "AWSLambdaReadOnlyAccess": "AWSLambda_ReadOnlyAccess",
    # https://docs.aws.amazon.com/systems-manager/latest/userguide/security-iam-awsmanpol.html
    "AmazonEC2RoleforSSM": "AmazonSSMManagedInstanceCore",
    # https://docs.aws.amazon.com/codepipeline/latest/userguide/managed-policies.html
    "AWSCodePipelineFullAccess": "AWSCodePipeline_FullAccess",
    "AWSCodePipelineReadOnlyAccess": "AWSCodePipeline_ReadOnlyAccess",
    # https://docs.aws.amazon.com/elasticbeanstalk/latest/dg/AWSHowTo.iam.managed-policies.html
    "AWSElasticBeanstalkFullAccess": "AdministratorAccess-AWSElasticBeanstalk",
    "AWSElasticBeanstalkReadOnlyAccess": "AWSElasticBeanstalkReadOnly",
    # https://docs.aws.amazon.com/awscloudtrail/latest/userguide/security-iam-awsmanpol.html
    "AWSCloudTrailFullAccess": "AWSCloudTrail_FullAccess",
    "AWSCloudTrailReadOnlyAccess": "AWSCloudTrail_ReadOnlyAccess",
    # https://docs.aws.amazon.com/config/latest/developerguide/security-iam-awsmanpol.html
    "AWSConfigRole": "service-role/AWS_ConfigRole",
    # https://docs.aws.amazon.com/AmazonECS/latest/developerguide/security-iam-awsmanpol.html
    "AmazonEC2ContainerServiceFullAccess": "AmazonECS_FullAccess",
    # https://docs.aws.amazon.com/emr/latest/ManagementGuide/emr-managed-iam-policies.html
    "AmazonElasticMapReduceFullAccess": "AmazonEMRFullAccessPolicy_v2",
    "AmazonElasticMapReduceReadOnlyAccess": "AmazonEMRReadOnlyAccessPolicy_v2",
    "AmazonElasticMapReduceRole": "service-role/AmazonEMRServicePolicy_v2",
    # https://docs.aws.amazon.com/elastictranscoder/latest/developerguide/access-control.html
    "AmazonElasticTranscoderFullAccess": "AmazonElasticTranscoder_FullAccess",
    "AmazonElasticTranscoderReadOnlyAccess": "AmazonElasticTranscoder_ReadOnlyAccess",
}
