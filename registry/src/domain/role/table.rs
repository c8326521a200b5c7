//! The one table of who may do what: a row for each operation, by its name in the description.

use super::Action::{self, Administer, Decide, Read, Record, SeeRestricted};

/// What it takes to call an operation.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Needs {
    /// Nothing, not even a token.
    Nothing,
    /// A token, whatever its roles; the answer shows what they reach.
    Token,
    /// A role on the whole organization.
    Organization(Action),
    /// A role on the project, or on its organization.
    Project(Action),
    /// A role on the bucket, its project or its organization.
    Bucket(Action),
    /// Any role in the project, be it on one of its buckets.
    Reach,
    /// A role on anything in the organization.
    Anything(Action),
    /// A token; the answer is that this registry does not have it.
    NotBuilt,
}

use Needs::{Anything, Bucket, NotBuilt, Nothing, Organization, Project, Reach, Token};

/// Every operation. What depends on the body or on the channel has a row each: the part behind `#` says
/// which.
pub const OPERATIONS: &[(&str, Needs)] = &[
    ("OAuth2_Token", Nothing),
    ("OrganizationService_List", Token),
    ("OrganizationService_Get", Token),
    ("ProjectService_List", Organization(Read)),
    ("ProjectService_Get", Token),
    ("IamService_GetCallerIdentity", Token),
    ("IamService_BatchGetPrincipals", Anything(Administer)),
    (
        "ServicePrincipalsService_CreateServicePrincipal",
        Project(Administer),
    ),
    (
        "ServicePrincipalsService_GetServicePrincipal",
        Project(Administer),
    ),
    (
        "ServicePrincipalsService_DeleteServicePrincipal",
        Project(Administer),
    ),
    (
        "ServicePrincipalsService_ExchangeWorkloadIdentityToken",
        Nothing,
    ),
    ("ResourceService_GetIamPolicy", Bucket(Administer)),
    ("ResourceService_SetIamPolicy", Bucket(Administer)),
    ("OperationService_Get", Reach),
    ("OperationService_Wait", Reach),
    ("PackerService_GetRegistry", Project(Read)),
    ("PackerService_CreateRegistry", Project(Administer)),
    ("PackerService_UpdateRegistry", Project(Administer)),
    ("PackerService_DeleteRegistry", Project(Administer)),
    ("PackerService_ListBuckets", Project(Read)),
    ("PackerService_CreateBucket", Project(Record)),
    ("PackerService_GetBucket", Bucket(Read)),
    ("PackerService_UpdateBucket", Bucket(Record)),
    ("PackerService_DeleteBucket", Bucket(Administer)),
    ("PackerService_ListBucketAncestry", Bucket(Read)),
    ("PackerService_SearchExternalArtifact", Project(Read)),
    ("PackerService_ListVersions", Bucket(Read)),
    ("PackerService_GetVersion", Bucket(Read)),
    ("PackerService_CreateVersion", Bucket(Record)),
    ("PackerService_UpdateVersion#complete", Bucket(Record)),
    ("PackerService_UpdateVersion#revoke", Bucket(Decide)),
    ("PackerService_UpdateVersion#restore", Bucket(Decide)),
    ("PackerService_DeleteVersion", Bucket(Decide)),
    ("PackerService_ListBuilds", Bucket(Read)),
    ("PackerService_GetBuild", Bucket(Read)),
    ("PackerService_CreateBuild", Bucket(Record)),
    ("PackerService_UpdateBuild", Bucket(Record)),
    ("PackerService_DeleteBuild", Bucket(Decide)),
    ("PackerService_ListChannels", Bucket(Read)),
    ("PackerService_GetChannel", Bucket(Read)),
    ("PackerService_GetChannel#restricted", Bucket(SeeRestricted)),
    ("PackerService_ListChannelAssignmentHistory", Bucket(Read)),
    (
        "PackerService_ListChannelAssignmentHistory#restricted",
        Bucket(SeeRestricted),
    ),
    ("PackerService_CreateChannel", Bucket(Decide)),
    ("PackerService_UpdateChannel", Bucket(Decide)),
    ("PackerService_DeleteChannel", Bucket(Decide)),
    ("PackerService_AssignChannelVersion", Bucket(Decide)),
    ("PackerService_UploadSbom", Bucket(Record)),
    ("PackerService_ListSboms", Bucket(Read)),
    ("PackerService_GetSbom", Bucket(Read)),
    ("PackerService_ListBuildPackages", Bucket(Read)),
    ("PackerService_ListBucketPackages", Bucket(Read)),
    (
        "PackerService_ListBucketPackagesVulnerabilitySummary",
        NotBuilt,
    ),
    (
        "PackerService_ListBucketPackagesWithVulnerabilities",
        NotBuilt,
    ),
    ("PackerService_ListBucketVulnerabilities", NotBuilt),
    ("PackerService_ListEnforcedBlocks", Project(Read)),
    ("PackerService_CreateEnforcedBlock", Project(Administer)),
    ("PackerService_GetEnforcedBlock", Project(Read)),
    ("PackerService_UpdateEnforcedBlock", Project(Administer)),
    ("PackerService_DeleteEnforcedBlock", Project(Administer)),
    ("PackerService_GetEnforcedBlockVersions", Project(Read)),
    (
        "PackerService_CreateEnforcedBlockVersion",
        Project(Administer),
    ),
    (
        "PackerService_UpdateEnforcedBlockVersion",
        Project(Administer),
    ),
    (
        "PackerService_DeleteEnforcedBlockVersion",
        Project(Administer),
    ),
    ("PackerService_GetEnforcedBlockLinkedBuckets", Project(Read)),
    (
        "PackerService_ManageEnforcedBlockLinkedBuckets",
        Project(Administer),
    ),
    ("PackerService_GetEnforcedBlocksByBucket", Bucket(Read)),
    (
        "PackerService_GetRegistryTFCRunTaskAPI",
        Project(Administer),
    ),
    (
        "PackerService_RegenerateTFCRunTaskHmacKey",
        Project(Administer),
    ),
    ("PackerService_GetRunTaskConfig", Project(Read)),
    ("PackerService_UpdateRunTaskConfig", Project(Administer)),
    ("PackerService_GetChannel_20210430", Bucket(Read)),
    ("PackerService_GetIteration_20210430", Bucket(Read)),
    ("PackerService_CreateBucket_20210430", NotBuilt),
    ("PackerService_UpdateBucket_20210430", NotBuilt),
    ("PackerService_CreateIteration_20210430", NotBuilt),
    ("PackerService_CreateBuild_20210430", NotBuilt),
    ("PackerService_ListBuilds_20210430", NotBuilt),
    ("PackerService_UpdateBuild_20210430", NotBuilt),
    ("PackerService_GetRegistry_20210430", NotBuilt),
    ("BuildService_GetImageByBuildLabels_20221202", Bucket(Read)),
    ("GetDescription", Nothing),
    ("WhoAmI", Token),
    ("ListOrganizations", Token),
    ("ListProjects", Token),
    ("CreateProject", Organization(Administer)),
    ("DeleteProject", Organization(Administer)),
    ("Resolve", Bucket(Read)),
    ("Resolve#restricted", Bucket(SeeRestricted)),
    ("PutSbom", Bucket(Record)),
    ("ListEvents", Token),
    ("GetBoard", Reach),
    ("GetFreshness", Project(Read)),
    ("SetFreshness", Project(Administer)),
    ("GetBucketFreshness", Bucket(Read)),
    ("SetBucketFreshness", Bucket(Decide)),
    ("GetChannelFreshness", Bucket(Read)),
    ("GetChannelFreshness#restricted", Bucket(SeeRestricted)),
    ("SetChannelFreshness", Bucket(Decide)),
    ("ListPackages", Project(Read)),
    ("PreviewRevocation", Bucket(Decide)),
    ("RevokeVersions", Bucket(Decide)),
    ("ListPrincipals", Project(Administer)),
    ("CreatePrincipal", Project(Administer)),
    ("GetPrincipal", Project(Administer)),
    ("ChangePrincipal", Project(Administer)),
    ("DeletePrincipal", Project(Administer)),
    ("RotateSecret", Project(Administer)),
    ("DeleteSecret", Project(Administer)),
    ("GrantRole", Project(Administer)),
    ("RevokeRole", Project(Administer)),
];
